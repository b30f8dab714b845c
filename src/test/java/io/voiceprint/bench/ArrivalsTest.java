package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void fixedOnesHaveOneGap() {
    assertArrayEquals(
        new long[] {0, SECOND / 4, SECOND / 2, 3 * SECOND / 4}, Arrivals.FIXED.schedule(4, SECOND));
  }

  @Test
  void thereIsAlwaysACall() {
    assertArrayEquals(new long[] {0}, Arrivals.FIXED.schedule(0.01, SECOND));
    assertArrayEquals(new long[] {0}, Arrivals.POISSON.schedule(1e-9, SECOND));
  }

  /** Gaps of a Poisson process have a standard deviation as large as their mean. */
  @Test
  void randomOnesAreThoseOfAPoissonProcess() {
    long[] due = Arrivals.POISSON.schedule(100, 200 * SECOND);
    assertEquals(20_000, due.length, 5 * Math.sqrt(20_000));
    double[] gaps =
        LongStream.range(1, due.length).mapToDouble(i -> due[(int) i] - due[(int) i - 1]).toArray();
    double mean = due[due.length - 1] / (double) gaps.length;
    double squares = 0;
    int aboveMean = 0;
    for (double gap : gaps) {
      assertTrue(gap >= 0);
      squares += (gap - mean) * (gap - mean);
      aboveMean += gap > mean ? 1 : 0;
    }
    assertEquals(1, Math.sqrt(squares / gaps.length) / mean, 0.05);
    assertEquals(Math.exp(-1), aboveMean / (double) gaps.length, 0.02);
    assertArrayEquals(due, Arrivals.POISSON.schedule(100, 200 * SECOND), "the same each time");
  }
}
