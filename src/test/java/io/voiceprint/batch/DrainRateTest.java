package io.voiceprint.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DrainRateTest {
  private static final long SECOND = 1_000_000_000L;

  private final DrainRate rate = new DrainRate();

  @Test
  void guessesASecondBeforeAnythingWasMeasured() {
    assertEquals(SECOND, rate.nanosFor(1_000));
    rate.began(0);
    rate.ended(SECOND, 0);
    assertEquals(SECOND, rate.nanosFor(1_000), "a failed call says nothing");
  }

  @Test
  void isWhatOneLaneComputesInItsTime() {
    rate.began(5 * SECOND);
    rate.ended(6 * SECOND, 200);
    assertClose(3 * SECOND, rate.nanosFor(600), SECOND / 100);
    // An idle minute is not computing time.
    rate.began(66 * SECOND);
    rate.ended(67 * SECOND, 200);
    assertClose(3 * SECOND, rate.nanosFor(600), SECOND / 5);
    assertEquals(SECOND / 1_000, rate.nanosFor(0), "never less than a millisecond");
  }

  @Test
  void lanesAtTheSameTimeAddUp() {
    rate.began(0);
    rate.began(0);
    rate.ended(SECOND, 100);
    rate.ended(SECOND, 100);
    assertClose(SECOND, rate.nanosFor(200), SECOND / 5);
  }

  @Test
  void forgetsHowFastItWas() {
    long now = 0;
    for (int i = 0; i < 10; i++) {
      rate.began(now);
      now += SECOND;
      rate.ended(now, 1_000);
    }
    for (int i = 0; i < 60; i++) {
      rate.began(now);
      now += SECOND;
      rate.ended(now, 10);
    }
    assertClose(SECOND, rate.nanosFor(10), SECOND / 2);
  }

  private static void assertClose(long expected, long actual, long tolerance) {
    assertTrue(Math.abs(expected - actual) <= tolerance, expected + " expected, was " + actual);
  }
}
