package io.voiceprint.engine.cpu;

import io.voiceprint.engine.EngineException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/** The one thread that makes an engine's calls into oneDNN; callers wait their turn. */
final class OwnerThread {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread created = new Thread(task, "voiceprint-onednn");
            created.setDaemon(true);
            return created;
          });

  /**
   * Runs {@code work} on the thread and waits for it.
   *
   * @throws IllegalStateException if the thread has ended
   */
  <T> T call(Callable<T> work) {
    Future<T> future;
    try {
      future = thread.submit(work);
    } catch (RejectedExecutionException e) {
      throw closed();
    }
    try {
      return getUninterruptibly(future);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      if (e.getCause() instanceof EngineException
          || e.getCause() instanceof IllegalArgumentException) {
        throw (RuntimeException) e.getCause();
      }
      throw new EngineException("oneDNN engine: " + e.getCause().getMessage(), e.getCause());
    }
  }

  /** The work runs on whether or not the caller waits, and reads the caller's arrays. */
  private static <T> T getUninterruptibly(Future<T> future) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  boolean hasEnded() {
    return thread.isShutdown();
  }

  void requireOpen() {
    if (hasEnded()) {
      throw closed();
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("the oneDNN engine is closed");
  }

  /** Lets the thread end behind the work that was given to it. */
  void end() {
    thread.shutdown();
  }
}
