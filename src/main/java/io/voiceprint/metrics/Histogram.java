package io.voiceprint.metrics;

import java.util.Arrays;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts values in buckets. Recording takes no lock, and threads that record at the same time do
 * not wait for each other.
 */
public final class Histogram {
  private final double[] upperBounds;
  private final LongAdder[] counts;
  private final DoubleAdder sum = new DoubleAdder();

  /**
   * @param upperBounds inclusive upper bounds of the buckets, ascending and finite; values above
   *     the last are counted in one bucket more
   * @throws IllegalArgumentException if they are not ascending and finite
   */
  public Histogram(double... upperBounds) {
    this.upperBounds = upperBounds.clone();
    for (int i = 0; i < upperBounds.length; i++) {
      if (!Double.isFinite(upperBounds[i]) || (i > 0 && upperBounds[i] <= upperBounds[i - 1])) {
        throw new IllegalArgumentException(
            "upperBounds=%s must be ascending and finite".formatted(Arrays.toString(upperBounds)));
      }
    }
    this.counts = new LongAdder[upperBounds.length + 1];
    Arrays.setAll(counts, i -> new LongAdder());
  }

  /** Counts a value; NaN counts as above all bounds. */
  public void record(double value) {
    int at = Arrays.binarySearch(upperBounds, value);
    counts[at >= 0 ? at : -at - 1].increment();
    sum.add(value);
  }

  /** What was counted so far; a value being recorded meanwhile may be in the sum alone. */
  public Distribution snapshot() {
    long[] snapshot = new long[counts.length];
    Arrays.setAll(snapshot, i -> counts[i].sum());
    return new Distribution(
        Arrays.stream(upperBounds).boxed().toList(),
        Arrays.stream(snapshot).boxed().toList(),
        sum.sum());
  }
}
