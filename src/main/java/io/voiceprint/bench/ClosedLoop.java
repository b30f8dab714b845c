package io.voiceprint.bench;

import java.util.concurrent.atomic.AtomicLong;

/** Callers that make the next call when their last has returned. */
final class ClosedLoop {
  /** Of all callers together. */
  static final int MIN_CALLS = 3;

  private ClosedLoop() {}

  /**
   * Calls for a time.
   *
   * @param nanos to go on for; 3 calls at least
   */
  static Timing measure(Call call, int callers, long nanos, Timeline timeline) {
    long begin = timeline.nanos();
    AtomicLong made = new AtomicLong();
    Latencies latencies =
        Callers.run(
            callers,
            caller -> {
              Latencies own = new Latencies();
              while (timeline.nanos() - begin < nanos || made.get() < MIN_CALLS) {
                long number = made.getAndIncrement();
                long start = timeline.nanos();
                Runnable check = call.make(number);
                own.record(timeline.nanos() - start);
                check.run();
              }
              return own;
            });
    return new Timing(latencies, latencies, timeline.nanos() - begin, 0);
  }
}
