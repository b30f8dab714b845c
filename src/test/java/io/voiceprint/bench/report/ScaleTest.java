package io.voiceprint.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScaleTest {

  @ParameterizedTest
  @CsvSource({"24, 5, 25", "25, 5, 25", "26, 10, 30", "130, 50, 150", "0.7, 0.2, 0.8", "3, 1, 3"})
  void stepsAreRoundNumbers(double largest, double step, double end) {
    Scale scale = Scale.upTo(largest, 100, 5);
    assertEquals(step, scale.step(), 1e-9);
    assertEquals(end, scale.end(), 1e-9);
  }

  @ParameterizedTest
  @CsvSource({"0", "1e-12", "1e-3", "1", "999", "1e15"})
  void everyValueHasItsPlaceAndTicksBeginAtZero(double largest) {
    Scale scale = Scale.upTo(largest, 100, 5);
    assertEquals(0, scale.at(0));
    assertEquals(0, scale.ticks().get(0));
    assertTrue(scale.end() >= largest && scale.ticks().size() >= 2 && scale.ticks().size() <= 7);
    assertEquals(50, scale.at(scale.end() / 2), 1e-9);
    assertEquals(100, scale.at(2 * scale.end()));
  }

  @Test
  void figuresHaveThreeDigits() {
    assertEquals("0", Figures.of(0));
    assertEquals("0.123", Figures.of(0.1234));
    assertEquals("1.23", Figures.of(1.234));
    assertEquals("12.3", Figures.of(12.34));
    assertEquals("1,234", Figures.of(1234.4));
    assertEquals("1.2e-06", Figures.of(1.2e-6));
    assertEquals("0.05", Figures.tick(0.05, 0.05));
    assertEquals("3", Figures.plain(3.0));
    assertEquals("0.5", Figures.plain(0.5));
  }
}
