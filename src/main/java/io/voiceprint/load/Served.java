package io.voiceprint.load;

import java.util.List;

/**
 * A request that got its embedding.
 *
 * @param clip which of the plan's, from 0
 * @param dueNanos when it was to be sent, by {@link System#nanoTime()}
 * @param nanos from then to the end of the answer
 */
record Served(int clip, long dueNanos, long nanos) {
  private static final double MILLI = 1e-6;

  double millis() {
    return nanos * MILLI;
  }

  static Spread latencies(List<Served> served) {
    return Spread.of(served.stream().mapToDouble(Served::millis).toArray());
  }
}
