package io.voiceprint.load;

import java.util.Arrays;

/**
 * How values are spread; all but the count are in their unit, and NaN if there are none. Exact, so
 * that the p99 of a few hundred latencies is one of them.
 *
 * @param p50 half of the values are no larger
 * @param p90 90 in 100
 * @param p99 99 in 100
 * @param p999 999 in 1000
 */
record Spread(int count, double p50, double p90, double p99, double p999, double max) {

  static Spread of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Spread(
        sorted.length,
        at(sorted, 0.5),
        at(sorted, 0.9),
        at(sorted, 0.99),
        at(sorted, 0.999),
        at(sorted, 1));
  }

  private static double at(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(rank, 1) - 1];
  }
}
