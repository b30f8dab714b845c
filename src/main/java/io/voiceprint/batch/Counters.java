package io.voiceprint.batch;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What the lanes count. */
final class Counters {
  private final LongAdder utterances = new LongAdder();
  private final LongAdder samples = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder cancelled = new LongAdder();
  private final LongAdder batches = new LongAdder();
  private final LongAdder busyNanos = new LongAdder();
  private final AtomicInteger running = new AtomicInteger();

  void started(int count) {
    running.addAndGet(count);
  }

  void ended(int count, long nanos) {
    running.addAndGet(-count);
    busyNanos.add(nanos);
  }

  void computed(int count, long batchSamples) {
    utterances.add(count);
    samples.add(batchSamples);
    batches.increment();
  }

  void failed() {
    failures.increment();
  }

  void cancelled() {
    cancelled.increment();
  }

  BatcherStats snapshot(int waiting) {
    return new BatcherStats(
        utterances.sum(),
        samples.sum(),
        failures.sum(),
        cancelled.sum(),
        batches.sum(),
        busyNanos.sum(),
        waiting,
        running.get());
  }
}
