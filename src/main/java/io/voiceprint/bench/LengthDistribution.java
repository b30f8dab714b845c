package io.voiceprint.bench;

import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Lengths of utterances as corpora have them: log-normal, many short ones and a long tail, clipped
 * to a range. The median is the geometric mean of the range, and the range is four standard
 * deviations of the logarithm wide, so that 2 to 3 in 100 are clipped on either side.
 *
 * @param shortest in seconds
 * @param longest in seconds
 */
public record LengthDistribution(double shortest, double longest) {
  static final long SEED = 1;

  /**
   * Validates.
   *
   * @throws IllegalArgumentException if the range is empty or out of bounds
   */
  public LengthDistribution {
    if (!(shortest > 0 && shortest <= longest && longest <= BenchmarkPlan.LONGEST_SECONDS)) {
      throw new IllegalArgumentException(
          "lengths of %s to %s s: must be above 0, ascending, and at most %s"
              .formatted(shortest, longest, BenchmarkPlan.LONGEST_SECONDS));
    }
  }

  double median() {
    return Math.sqrt(shortest * longest);
  }

  /** Standard deviation of the logarithm. */
  double sigma() {
    return Math.log(longest / shortest) / 4;
  }

  /** One length, in seconds. */
  double next(SplittableRandom random) {
    double length = median() * Math.exp(sigma() * random.nextGaussian());
    return Math.max(shortest, Math.min(length, longest));
  }

  /** For readers of results. */
  String description() {
    return String.format(
        Locale.ROOT,
        "log-normal, median %.2f s, sigma %.2f, clipped to %s to %s s, seed %d",
        median(),
        sigma(),
        Clips.number(shortest),
        Clips.number(longest),
        SEED);
  }
}
