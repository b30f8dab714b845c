package io.voiceprint.peers.onnxruntime;

import java.util.Arrays;

/** Wall-clock times of calls, one after the other by one caller. */
final class Times {
  private static final double MILLIS_PER_NANO = 1e-6;

  private long[] nanos = new long[64];
  private int calls;
  private long total;

  /** What is timed. */
  interface Call {
    void run() throws Exception;
  }

  /** Calls until {@code seconds} are over, and once at least; the times are added to these. */
  void measure(Call call, double seconds) throws Exception {
    long begin = System.nanoTime();
    long last = begin;
    do {
      call.run();
      long now = System.nanoTime();
      add(now - last);
      last = now;
    } while (last - begin < seconds * 1e9);
  }

  /** Calls until {@code seconds} are over, and once at least, without keeping the times. */
  static void warmUp(Call call, double seconds) throws Exception {
    new Times().measure(call, seconds);
  }

  private void add(long duration) {
    if (calls == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * calls);
    }
    nanos[calls++] = duration;
    total += duration;
  }

  int calls() {
    return calls;
  }

  /** Of all calls together. */
  double elapsedSeconds() {
    return total * 1e-9;
  }

  /** Each call's milliseconds, ascending. */
  double[] sortedMillis() {
    return Arrays.stream(nanos, 0, calls).sorted().mapToDouble(n -> n * MILLIS_PER_NANO).toArray();
  }
}
