package io.voiceprint.engine.cpu;

import java.util.concurrent.ForkJoinPool;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Threads that share what is computed in Java; with one of them, the caller computes it all. */
final class Workers implements AutoCloseable {
  private final ForkJoinPool pool; // null for one thread

  Workers(int threads) {
    this.pool = threads == 1 ? null : new ForkJoinPool(threads, Affinity::worker, null, false);
  }

  /** Calls {@code work} with each number from 0 to {@code count - 1}, in any order. */
  void forEach(int count, IntConsumer work) {
    IntStream numbers = IntStream.range(0, count);
    if (pool == null) {
      numbers.forEach(work);
    } else {
      pool.submit(() -> numbers.parallel().forEach(work)).join();
    }
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.shutdown();
    }
  }
}
