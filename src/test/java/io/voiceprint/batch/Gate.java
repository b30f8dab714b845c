package io.voiceprint.batch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Holds the first call of an engine until a test opens it; later calls pass. */
public final class Gate implements Consumer<List<float[]>> {
  private static final long LIMIT_SECONDS = 60;

  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch open = new CountDownLatch(1);

  @Override
  public void accept(List<float[]> utterances) {
    entered.countDown();
    await(open);
  }

  /** Waits until the engine is in its first call. */
  public void awaitEntered() {
    await(entered);
  }

  public void open() {
    open.countDown();
  }

  /** Waits for a latch; fails where it does not open in time. */
  public static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(LIMIT_SECONDS, TimeUnit.SECONDS), "waited in vain");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until a thread waits for something. */
  public static void awaitBlocked(Thread thread) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (thread.getState() != Thread.State.WAITING) {
      assertTrue(thread.isAlive() && System.nanoTime() < end, thread + " does not wait");
      Thread.onSpinWait();
    }
  }
}
