package io.voiceprint.load;

import java.util.Arrays;

/** Latencies, each kept. Thread-safe. */
final class Times {
  private long[] nanos = new long[1024];
  private int count;

  synchronized void add(long latency) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = latency;
  }

  /** Percentiles of what was added so far. */
  synchronized Percentiles percentiles() {
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return new Percentiles(
        count,
        at(sorted, 0.5),
        at(sorted, 0.9),
        at(sorted, 0.99),
        at(sorted, 0.999),
        at(sorted, 1));
  }

  /** The smallest latency that at least this share did not exceed, in milliseconds; NaN if none. */
  private static double at(long[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(rank, 1) - 1] * 1e-6;
  }

  /**
   * Latencies in milliseconds.
   *
   * @param count of how many
   */
  record Percentiles(int count, double p50, double p90, double p99, double p999, double max) {}
}
