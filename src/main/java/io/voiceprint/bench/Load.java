package io.voiceprint.bench;

/**
 * How calls come.
 *
 * @param concurrency callers at the same time, at least 1
 * @param rate calls per second, whether or not earlier ones have returned (an open loop); 0 where
 *     each caller makes the next call when its last has returned (a closed loop)
 * @param arrivals how those of an open loop are spread
 */
public record Load(int concurrency, double rate, Arrivals arrivals) {

  private static final int MAX_CALLERS = 10_000;
  private static final int MAX_RATE = 1_000_000;

  /** One caller in a closed loop. */
  static final Load SINGLE = closed(1);

  /**
   * Validates.
   *
   * @throws IllegalArgumentException if a number is out of range
   */
  public Load {
    BenchmarkPlan.require(
        "concurrency",
        concurrency,
        concurrency >= 1 && concurrency <= MAX_CALLERS,
        "1 to " + MAX_CALLERS);
    BenchmarkPlan.require("rate", rate, rate >= 0 && rate <= MAX_RATE, "0 to " + MAX_RATE);
  }

  /** Callers that wait for their results. */
  static Load closed(int concurrency) {
    return new Load(concurrency, 0, Arrivals.FIXED);
  }

  /** Whether calls come whether or not earlier ones have returned. */
  public boolean isOpen() {
    return rate > 0;
  }
}
