package io.voiceprint.bench;

import java.util.Arrays;

/**
 * One caller that makes the next call when the last has returned. Times are wall-clock, from before
 * a call to after its result is in host memory.
 */
final class ClosedLoop {
  /** Devices prepare a shape during its first calls. */
  private static final int WARM_UP_CALLS = 3;

  private static final int MIN_CALLS = 3;
  private static final int MAX_CALLS = 1_000_000;

  private ClosedLoop() {}

  /**
   * What was measured.
   *
   * @param elapsedNanos from before the first call to after the last
   * @param sortedNanos of each call, ascending
   */
  record Times(long elapsedNanos, long[] sortedNanos) {

    int calls() {
      return sortedNanos.length;
    }

    /** The smallest time that at least this share of the calls did not exceed, in milliseconds. */
    double percentileMs(double share) {
      int rank = (int) Math.ceil(share * sortedNanos.length);
      return sortedNanos[Math.max(rank, 1) - 1] * 1e-6;
    }
  }

  /**
   * Warms up, then measures.
   *
   * @param warmUpNanos to call before measuring; 3 calls at least
   * @param nanos to measure for; 3 calls at least
   */
  static Times measure(Runnable call, long warmUpNanos, long nanos) {
    long begin = System.nanoTime();
    for (int i = 0; i < WARM_UP_CALLS || System.nanoTime() - begin < warmUpNanos; i++) {
      call.run();
    }
    long[] times = new long[64];
    int calls = 0;
    begin = System.nanoTime();
    long last = begin;
    while (calls < MIN_CALLS || (last - begin < nanos && calls < MAX_CALLS)) {
      call.run();
      long now = System.nanoTime();
      if (calls == times.length) {
        times = Arrays.copyOf(times, 2 * calls);
      }
      times[calls++] = now - last;
      last = now;
    }
    long[] sorted = Arrays.copyOf(times, calls);
    Arrays.sort(sorted);
    return new Times(last - begin, sorted);
  }
}
