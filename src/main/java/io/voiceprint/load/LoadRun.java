package io.voiceprint.load;

import io.voiceprint.load.EmbeddingClient.Answer;
import java.util.OptionalDouble;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Phaser;

/** Puts the load of a plan on a server. */
public final class LoadRun {
  private static final long PROBE_GAP_MILLIS = 20;

  private final LoadPlan plan;
  private final EmbeddingClient client;
  private final Tally tally = new Tally();
  private final Sender sender;

  private LoadRun(LoadPlan plan) {
    this.plan = plan;
    this.client = new EmbeddingClient(plan);
    this.sender = new Sender(client, plan.clips(), tally);
  }

  /**
   * Sends for the duration of the plan and waits for every answer.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  public static LoadReport run(LoadPlan plan) throws InterruptedException {
    return new LoadRun(plan).run();
  }

  private LoadReport run() throws InterruptedException {
    try (Holders holders = new Holders(plan.server(), plan.holders());
        MemoryWatch memory = new MemoryWatch(plan.process())) {
      long begin = System.nanoTime();
      OptionalDouble recovery = OptionalDouble.empty();
      if (plan.isOpen()) {
        long nanos = plan.duration().toNanos();
        Phaser open = OpenLoad.send(sender, plan.rate(), plan.arrivals(), nanos);
        recovery = recover();
        open.arriveAndAwaitAdvance();
      } else {
        ClosedLoad.run(sender, plan.concurrency(), plan.duration().toNanos());
      }
      double elapsed = (System.nanoTime() - begin) * 1e-9;
      return new LoadReport(
          plan,
          sender.sent(),
          elapsed,
          tally.outcome(),
          recovery,
          new LoadReport.Held(holders.dropped(), holders.refused()),
          memory.mebibytes());
    }
  }

  /** Seconds until a request that is sent from now on has its embedding; empty if none has. */
  private OptionalDouble recover() throws InterruptedException {
    long stopped = System.nanoTime();
    LoadClip probe = plan.clips().get(0);
    while (System.nanoTime() - stopped < plan.timeout().toNanos()) {
      if (isGood(probe)) {
        return OptionalDouble.of((System.nanoTime() - stopped) * 1e-9);
      }
      Thread.sleep(PROBE_GAP_MILLIS);
    }
    return OptionalDouble.empty();
  }

  private boolean isGood(LoadClip probe) {
    try {
      Answer answer = client.send(probe).join();
      return answer.isGood();
    } catch (CompletionException e) {
      return false;
    }
  }
}
