package io.voiceprint.bench;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Calls that are due at given times, whether or not earlier ones have returned. A call that finds
 * all callers busy is made late, and its latency counts from when it was due: otherwise the calls
 * that a stall keeps from being made would be missing from the percentiles (<a
 * href="https://www.scylladb.com/2021/04/22/on-coordinated-omission/">coordinated omission</a>).
 */
final class OpenLoop {
  /** Where calls take longer than their gaps, it is given up after this many times its length. */
  private static final int PATIENCE = 3;

  private OpenLoop() {}

  /**
   * Makes the calls of a schedule.
   *
   * @param due when each call is due, from the start, in nanoseconds, ascending
   * @param nanos length of the schedule
   */
  static Timing measure(Call call, int callers, long[] due, long nanos, Timeline timeline) {
    Latencies[] uncorrected = new Latencies[callers];
    AtomicInteger next = new AtomicInteger();
    long begin = timeline.nanos();
    long end = begin + PATIENCE * nanos;
    Latencies corrected =
        Callers.run(
            callers,
            caller -> {
              Latencies own = new Latencies();
              uncorrected[caller] = new Latencies();
              while (timeline.nanos() < end || next.get() == 0) {
                int number = next.getAndIncrement();
                if (number >= due.length) {
                  break;
                }
                timeline.await(begin + due[number]);
                long start = timeline.nanos();
                Runnable check = call.make(number);
                long done = timeline.nanos();
                own.record(done - begin - due[number]);
                uncorrected[caller].record(done - start);
                check.run();
              }
              return own;
            });
    Latencies sent = new Latencies();
    for (Latencies each : uncorrected) {
      sent.add(each);
    }
    long elapsed = timeline.nanos() - begin;
    return new Timing(corrected, sent, elapsed, due.length - corrected.calls());
  }
}
