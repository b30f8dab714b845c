package io.voiceprint.engine.reference;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A fixed number of threads, the caller's among them, that share the tasks of one parallel step.
 */
final class Workers implements AutoCloseable {
  private final int threads;
  private final ExecutorService helpers;

  Workers(int threads) {
    this.threads = threads;
    this.helpers =
        Executors.newFixedThreadPool(
            Math.max(1, threads - 1),
            task -> {
              Thread thread = new Thread(task, "voiceprint-reference");
              thread.setDaemon(true);
              return thread;
            });
  }

  int threads() {
    return threads;
  }

  /** One of the tasks of a step. */
  interface Task {
    /**
     * Runs task {@code index}.
     *
     * @param scratch of the size asked for, this thread's own, with arbitrary content
     */
    void run(int index, float[] scratch);
  }

  /** Runs {@code task} for 0 to {@code count - 1}, in any order, and returns when all are done. */
  void forEach(int count, int scratchElements, Task task) {
    int helping = Math.min(threads, count) - 1;
    AtomicInteger next = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(Math.max(0, helping));
    for (int i = 0; i < helping; i++) {
      helpers.execute(
          () -> {
            run(count, scratchElements, task, next, failure);
            done.countDown();
          });
    }
    run(count, scratchElements, task, next, failure);
    awaitUninterruptibly(done);
    if (failure.get() instanceof Error error) {
      throw error;
    }
    if (failure.get() instanceof RuntimeException exception) {
      throw exception;
    }
  }

  private static void run(
      int count,
      int scratchElements,
      Task task,
      AtomicInteger next,
      AtomicReference<Throwable> failure) {
    try {
      float[] scratch = new float[scratchElements];
      for (int i = next.getAndIncrement();
          i < count && failure.get() == null;
          i = next.getAndIncrement()) {
        task.run(i, scratch);
      }
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    }
  }

  /**
   * The helpers write into the caller's arrays, so the caller may not leave before they have
   * finished.
   */
  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    helpers.shutdown();
  }
}
