package io.voiceprint.batch;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The machine's clock, with one daemon thread for alarms, started at the first of them. */
public final class SystemTime implements TimeSource {
  private final ScheduledThreadPoolExecutor executor;

  /** Starts nothing yet. */
  public SystemTime() {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "voiceprint-alarms");
              thread.setDaemon(true);
              return thread;
            },
            // An alarm that is set while this closes is dropped like those that were not due.
            (task, closed) -> {});
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Alarm at(long nanos, Runnable task) {
    Future<?> scheduled = executor.schedule(task, nanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
