package io.voiceprint.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistogramTest {
  @Test
  void countsAValueInTheFirstBucketThatHoldsIt() {
    Histogram histogram = new Histogram(1, 2.5, 10);
    for (double value : new double[] {0, 1, 1.5, 2.5, 2.6, 10, 10.1, 1e9}) {
      histogram.record(value);
    }
    Distribution snapshot = histogram.snapshot();
    assertEquals(List.of(1.0, 2.5, 10.0), snapshot.upperBounds());
    assertEquals(List.of(2L, 2L, 2L, 2L), snapshot.counts());
    assertEquals(8, snapshot.count());
    assertEquals(1e9 + 27.7, snapshot.sum(), 1e-3);
  }

  @Test
  void quantilesAreTheBoundsOfTheirBuckets() {
    Distribution distribution =
        new Distribution(List.of(1.0, 2.0, 4.0), List.of(50L, 40L, 9L, 1L), 100);
    assertEquals(1, distribution.quantile(0));
    assertEquals(1, distribution.quantile(0.5));
    assertEquals(2, distribution.quantile(0.51));
    assertEquals(2, distribution.quantile(0.9));
    assertEquals(4, distribution.quantile(0.99));
    assertEquals(Double.POSITIVE_INFINITY, distribution.quantile(1));
    assertEquals(1, distribution.mean());
    assertThrows(IllegalArgumentException.class, () -> distribution.quantile(1.1));
  }

  @Test
  void nothingCountedHasNoQuantile() {
    Distribution nothing = new Histogram(1).snapshot();
    assertTrue(Double.isNaN(nothing.quantile(0.5)) && Double.isNaN(nothing.mean()));
  }

  @Test
  void refusesBoundsOutOfOrder() {
    assertThrows(IllegalArgumentException.class, () -> new Histogram(1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Histogram(Double.NaN));
    assertThrows(
        IllegalArgumentException.class, () -> new Distribution(List.of(1.0), List.of(1L), 0));
  }

  @Test
  void losesNothingWhenThreadsRecordAtTheSameTime() throws Exception {
    Histogram histogram = new Histogram(1, 2);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 30_000; i++) {
                  histogram.record(i % 3 + 0.5);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(List.of(80_000L, 80_000L, 80_000L), histogram.snapshot().counts());
    assertEquals(8 * 30_000 * 1.5, histogram.snapshot().sum());
  }
}
