package io.voiceprint.metrics;

import java.util.List;

/**
 * How often values fell between bounds, at one moment.
 *
 * @param upperBounds inclusive upper bounds of the buckets, ascending
 * @param counts values of each bucket alone, not cumulative; one more than there are bounds, the
 *     last for the values above all of them
 * @param sum of all values
 */
public record Distribution(List<Double> upperBounds, List<Long> counts, double sum) {
  /**
   * Validates.
   *
   * @throws IllegalArgumentException if there is not one count more than bounds
   */
  public Distribution {
    upperBounds = List.copyOf(upperBounds);
    counts = List.copyOf(counts);
    if (counts.size() != upperBounds.size() + 1) {
      throw new IllegalArgumentException(
          "%d counts for %d bounds; one more is needed"
              .formatted(counts.size(), upperBounds.size()));
    }
  }

  /** Values counted. */
  public long count() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  /** Mean value; NaN if there is none. */
  public double mean() {
    return sum / count();
  }

  /**
   * An upper bound of a quantile: that of the bucket in which it lies.
   *
   * @param q in [0, 1], such as 0.99
   * @return infinity if it lies above all bounds, NaN if nothing was counted
   * @throws IllegalArgumentException if {@code q} is not in [0, 1]
   */
  public double quantile(double q) {
    if (!(q >= 0 && q <= 1)) {
      throw new IllegalArgumentException("q=" + q + " must be in [0, 1]");
    }
    long count = count();
    if (count == 0) {
      return Double.NaN;
    }
    long rank = Math.max(1, (long) Math.ceil(q * count));
    long below = 0;
    for (int i = 0; i < upperBounds.size(); i++) {
      below += counts.get(i);
      if (below >= rank) {
        return upperBounds.get(i);
      }
    }
    return Double.POSITIVE_INFINITY;
  }
}
