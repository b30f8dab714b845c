package io.voiceprint.load;

import io.voiceprint.load.LoadReport.Held;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;

/** Puts the load of a plan on a server. */
public final class LoadRun {
  private static final long PROBE_GAP_MILLIS = 20;
  private static final int CONNECT_MILLIS = 10_000;

  private final LoadPlan plan;
  private final EmbeddingClient client;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "voiceprint-load-caller");
            thread.setDaemon(true);
            return thread;
          });

  private LoadRun(LoadPlan plan) {
    this.plan = plan;
    this.client = new EmbeddingClient(plan);
  }

  /**
   * Sends for the duration of the plan and waits for every answer.
   *
   * @throws ConnectException if nothing listens at the server's address
   * @throws InterruptedException if the thread is interrupted
   */
  public static LoadReport run(LoadPlan plan) throws ConnectException, InterruptedException {
    requireServer(plan.server());
    return new LoadRun(plan).run();
  }

  /** Without one, every request of the load would be lost at once, thousands a second. */
  private static void requireServer(URI server) throws ConnectException {
    int port = server.getPort();
    if (port < 0) {
      port = server.getScheme().equals("https") ? 443 : 80;
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(server.getHost(), port), CONNECT_MILLIS);
    } catch (IOException e) {
      throw (ConnectException)
          new ConnectException("no server answers at %s (%s)".formatted(server, reason(e)))
              .initCause(e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof UnknownHostException ? "unknown host" : e.getMessage();
  }

  private LoadReport run() throws InterruptedException {
    // Before the warm-up: the server's Java has what they make it do to compile too.
    try (Holders holders = new Holders(plan.server(), plan.holders())) {
      return run(holders);
    }
  }

  private LoadReport run(Holders holders) throws InterruptedException {
    closed(plan.warmUp(), plan.load().concurrency());
    Optional<Tally.Outcome> alone = closed(plan.alone(), 1).map(Sender::outcome);
    int droppedBefore = holders.dropped();
    int refusedBefore = holders.refused();
    Sender sender = new Sender(client, plan.clips());
    try (MemoryWatch memory = new MemoryWatch(plan.process())) {
      ProcessorTime before = ProcessorTime.now(plan.process());
      long begin = System.nanoTime();
      OptionalDouble recovery = send(sender);
      double elapsed = (System.nanoTime() - begin) * 1e-9;
      ProcessorTime used = ProcessorTime.now(plan.process()).minus(before);
      Tally.Outcome outcome = sender.outcome();
      return new LoadReport(
          plan,
          sender.sent(),
          elapsed,
          outcome,
          alone.map(
              single -> Comparison.of(plan.clips().size(), single.served(), outcome.served())),
          recovery,
          new Held(holders.dropped() - droppedBefore, holders.refused() - refusedBefore),
          used,
          memory.mebibytes());
    }
  }

  /** Sends every clip, and for a time; empty if that is zero. */
  private Optional<Sender> closed(Duration time, int callers) throws InterruptedException {
    if (time.isZero()) {
      return Optional.empty();
    }
    Sender sender = new Sender(client, plan.clips());
    ClosedLoad.run(threads, sender, callers, time.toNanos(), plan.clips().size());
    return Optional.of(sender);
  }

  /** Returns the recovery from an open loop once every answer is there. */
  private OptionalDouble send(Sender sender) throws InterruptedException {
    long nanos = plan.duration().toNanos();
    if (!plan.load().isOpen()) {
      ClosedLoad.run(threads, sender, plan.load().concurrency(), nanos, 0);
      return OptionalDouble.empty();
    }
    Phaser open =
        OpenLoad.send(threads, sender, plan.load().arrivals().schedule(plan.load().rate(), nanos));
    OptionalDouble recovery = recover();
    open.arriveAndAwaitAdvance();
    return recovery;
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
      return client.send(probe).isGood();
    } catch (IOException e) {
      return false;
    }
  }
}
