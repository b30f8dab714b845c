package io.voiceprint.batch;

/**
 * What time it is, and who is called when a time has come. All that this package does by time goes
 * through here, so that a test can let time pass.
 */
public interface TimeSource extends AutoCloseable {

  /** Now, in nanoseconds from any origin, as {@link System#nanoTime()}. */
  long nanos();

  /**
   * Has a task run once, soon after a time has come, on a thread that holds no lock.
   *
   * @param nanos when, on the scale of {@link #nanos()}; at once if it has passed
   * @param task must be quick
   */
  Alarm at(long nanos, Runnable task);

  /** Drops the tasks that are not due yet. Closing twice is harmless. */
  @Override
  void close();

  /** A task whose time has not come. */
  interface Alarm {
    /** Sees to it that the task does not run, unless it has begun. */
    void cancel();
  }
}
