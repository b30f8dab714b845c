package io.voiceprint.load;

import java.util.concurrent.Executor;
import java.util.concurrent.Phaser;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests that are sent when they are due, whether or not earlier ones are answered, as those of
 * users who do not know of each other. A latency counts from when the request was due, so that a
 * sender that is held up hides nothing.
 */
final class OpenLoad {
  private OpenLoad() {}

  /**
   * Returns once the last request is sent.
   *
   * @param threads on which requests wait for their answers, without a limit to their number
   * @param schedule when each is due, in nanoseconds from now, ascending
   * @return advances once every answer is there
   */
  static Phaser send(Executor threads, Sender sender, long[] schedule) {
    Phaser open = new Phaser(1);
    long begin = System.nanoTime();
    for (long due : schedule) {
      long at = begin + due;
      for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      open.register();
      threads.execute(
          () -> {
            sender.send(at);
            open.arriveAndDeregister();
          });
    }
    return open;
  }
}
