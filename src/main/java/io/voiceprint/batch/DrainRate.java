package io.voiceprint.batch;

/**
 * How fast the engines work: columns per nanosecond in which at least one lane computes, the recent
 * ones weighing more. Thread-safe.
 */
final class DrainRate {
  /** Computing time after which what was seen counts for 1/e. */
  private static final double MEMORY_NANOS = 10e9;

  /** Where nothing was measured yet. */
  private static final long FIRST_GUESS_NANOS = 1_000_000_000L;

  private static final long LEAST_NANOS = 1_000_000L;

  private int lanes;
  private long last;
  private double busyNanos;
  private double columns;

  synchronized void began(long now) {
    advance(now);
    lanes++;
  }

  /**
   * @param computed columns of utterances, 0 if the call failed
   */
  synchronized void ended(long now, long computed) {
    advance(now);
    lanes--;
    columns += computed;
  }

  private void advance(long now) {
    if (lanes > 0) {
      double passed = now - last;
      double weight = Math.exp(-passed / MEMORY_NANOS);
      busyNanos = busyNanos * weight + passed;
      columns *= weight;
    }
    last = now;
  }

  /** How long so many columns take, in nanoseconds. */
  synchronized long nanosFor(long waitingColumns) {
    if (columns <= 0 || busyNanos <= 0) {
      return FIRST_GUESS_NANOS;
    }
    return Math.max(LEAST_NANOS, (long) (waitingColumns * (busyNanos / columns)));
  }
}
