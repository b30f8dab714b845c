package io.voiceprint.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** When the calls of an open loop are due. */
public enum Arrivals {
  /** Independent of each other, as those of many users are: the gaps are exponential. */
  POISSON,
  /** One gap, always. */
  FIXED;

  private static final long SEED = 1;

  /** Calls of one run; more would say nothing new. */
  private static final int MAX_CALLS = 1_000_000;

  /**
   * A schedule, the same each time.
   *
   * @param rate calls per second
   * @param nanos length of the schedule
   * @return when each call is due, from the start, ascending; at least one
   */
  public long[] schedule(double rate, long nanos) {
    SplittableRandom random = new SplittableRandom(SEED);
    double mean = 1e9 / rate;
    DoubleSupplier gap =
        this == FIXED ? () -> mean : () -> -mean * Math.log(1 - random.nextDouble());
    long[] due = new long[16];
    int calls = 1; // The first is due at once.
    double at = gap.getAsDouble();
    while (at < nanos && calls < MAX_CALLS) {
      if (calls == due.length) {
        due = Arrays.copyOf(due, 2 * calls);
      }
      due[calls++] = (long) at;
      at += gap.getAsDouble();
    }
    return Arrays.copyOf(due, calls);
  }

  /** In words, such as {@code "poisson, seed 1"}. */
  String description() {
    return this == FIXED ? "fixed" : "poisson, seed " + SEED;
  }

  /** As command lines spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
