package io.voiceprint.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;

/** Callers that send the next clip when they have the answer to the last. */
final class ClosedLoad {
  private ClosedLoad() {}

  /**
   * Returns once every answer is there.
   *
   * @param threads on which the callers wait, without a limit to their number
   * @param nanos to send for
   * @param atLeast requests of all callers together, however long they take
   * @throws InterruptedException if the thread is interrupted
   */
  static void run(ExecutorService threads, Sender sender, int callers, long nanos, int atLeast)
      throws InterruptedException {
    long end = System.nanoTime() + nanos;
    List<Callable<Void>> all = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      all.add(
          () -> {
            for (long now = System.nanoTime();
                now - end < 0 || sender.sent() < atLeast;
                now = System.nanoTime()) {
              sender.send(now);
            }
            return null;
          });
    }
    var unused = threads.invokeAll(all);
  }
}
