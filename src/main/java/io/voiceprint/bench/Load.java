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

  /** One caller in a closed loop. */
  static final Load SINGLE = closed(1);

  /**
   * Validates.
   *
   * @throws IllegalArgumentException if a number is out of range
   */
  public Load {
    BenchmarkPlan.require("concurrency", concurrency, concurrency >= 1 && concurrency <= 10_000);
    BenchmarkPlan.require("rate", rate, rate >= 0 && rate <= 1e6);
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
