package io.voiceprint.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Threads that call at the same time. */
final class Callers {
  private Callers() {}

  /**
   * Runs every caller to its end. One caller is the calling thread itself.
   *
   * @param caller gets its number, from 0
   * @return the calls of all
   * @throws RuntimeException what the first caller that failed threw
   */
  static Latencies run(int callers, IntFunction<Latencies> caller) {
    if (callers == 1) {
      return caller.apply(0);
    }
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    try {
      List<Future<Latencies>> futures = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        int number = i;
        futures.add(threads.submit(() -> caller.apply(number)));
      }
      Latencies all = new Latencies();
      for (Future<Latencies> future : futures) {
        all.add(future.get());
      }
      return all;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring", e);
    } finally {
      threads.shutdownNow();
    }
  }
}
