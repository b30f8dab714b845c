package io.voiceprint.load;

import io.voiceprint.load.LoadPlan.Arrivals;
import java.util.SplittableRandom;
import java.util.concurrent.Phaser;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests that are sent when they are due, whether or not earlier ones are answered, as those of
 * users who do not know of each other. A latency counts from when the request was due, so that a
 * sender that is held up hides nothing.
 */
final class OpenLoad {
  private static final long SEED = 1;

  private OpenLoad() {}

  /**
   * Returns once the last request is sent.
   *
   * @return advances once every answer is there
   */
  static Phaser send(Sender sender, double rate, Arrivals arrivals, long nanos) {
    SplittableRandom random = new SplittableRandom(SEED);
    Phaser open = new Phaser(1);
    long begin = System.nanoTime();
    double due = 0;
    while (due < nanos) {
      long at = begin + (long) due;
      for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      open.register();
      var unused = sender.send(at).thenRun(open::arriveAndDeregister);
      double gap = 1e9 / rate;
      due += arrivals == Arrivals.EVEN ? gap : -gap * Math.log(1 - random.nextDouble());
    }
    return open;
  }
}
