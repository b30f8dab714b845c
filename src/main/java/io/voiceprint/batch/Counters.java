package io.voiceprint.batch;

import io.voiceprint.metrics.Histogram;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What the queue and the lanes count. Takes no lock. */
final class Counters {
  private static final double[] SECONDS = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30
  };
  private static final double[] UTTERANCES = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
  private static final double NANO = 1e-9;

  private final LongAdder utterances = new LongAdder();
  private final LongAdder samples = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder cancelled = new LongAdder();
  private final LongAdder expired = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder batches = new LongAdder();
  private final LongAdder frames = new LongAdder();
  private final LongAdder columns = new LongAdder();
  private final LongAdder busyNanos = new LongAdder();
  private final AtomicInteger running = new AtomicInteger();
  private final Histogram queueSeconds = new Histogram(SECONDS);
  private final Histogram computeSeconds = new Histogram(SECONDS);
  private final Histogram batchUtterances = new Histogram(UTTERANCES);

  void queued(long nanos) {
    queueSeconds.record(nanos * NANO);
  }

  void began(Batch batch) {
    running.addAndGet(batch.size());
  }

  void ended(Batch batch, long nanos) {
    running.addAndGet(-batch.size());
    busyNanos.add(nanos);
  }

  /**
   * @param computedColumns with all padding
   */
  void computed(Batch batch, long computedColumns, long nanos) {
    utterances.add(batch.size());
    samples.add(batch.samples());
    frames.add(batch.frames());
    columns.add(computedColumns);
    batches.increment();
    batchUtterances.record(batch.size());
    computeSeconds.record(nanos * NANO);
  }

  void failed() {
    failures.increment();
  }

  void cancelled() {
    cancelled.increment();
  }

  void expired() {
    expired.increment();
  }

  void rejected(int count) {
    rejected.add(count);
  }

  BatcherStats snapshot(int waiting) {
    return new BatcherStats(
        utterances.sum(),
        samples.sum(),
        failures.sum(),
        cancelled.sum(),
        expired.sum(),
        rejected.sum(),
        batches.sum(),
        frames.sum(),
        columns.sum(),
        busyNanos.sum(),
        waiting,
        running.get(),
        queueSeconds.snapshot(),
        computeSeconds.snapshot(),
        batchUtterances.snapshot());
  }
}
