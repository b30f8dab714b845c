package io.voiceprint.batch;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Rows;
import io.voiceprint.frontend.FbankOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Coalesces what many threads ask of one engine, or of several that compute the same network.
 *
 * <p>Requests wait in one bounded queue, by priority and arrival. Each lane of each engine is a
 * thread that takes what is waiting, up to a full row, and computes it in one call; a lane of the
 * least loaded engine is called first. An idle engine takes a single request at once; a busy one
 * may let a request wait for company, see {@link BatchLimits#maxDelayNanos()}. When a batch fails,
 * each of its utterances is computed alone, so that only those fail that cannot be computed. An
 * engine that is broken gets no more work while there are others.
 *
 * <p>Thread-safe. The engines are not owned: close them after this.
 */
public final class Batcher implements AutoCloseable {
  private final TimeSource time;
  private final BatchLimits limits;
  private final Rows rows;
  private final List<Engine> engines;
  private final Counters counters = new Counters();
  private final RequestQueue queue;
  private final List<Thread> lanes = new ArrayList<>();

  /**
   * Starts one daemon thread for each of the engines' lanes.
   *
   * @param engines at least one, all of the same network and front end
   * @param time closed with this
   */
  public Batcher(List<Engine> engines, BatchLimits limits, TimeSource time) {
    this.engines = List.copyOf(engines);
    this.limits = limits;
    this.time = time;
    this.rows = engines.get(0).rows();
    DrainRate drainRate = new DrainRate();
    this.queue = new RequestQueue(limits, counters, drainRate, time);
    for (int i = 0; i < engines.size(); i++) {
      Engine engine = engines.get(i);
      RowLimit row = RowLimit.of(engine.rows(), limits);
      AtomicBoolean loss = new AtomicBoolean();
      for (int k = 0; k < engine.lanes(); k++) {
        Lane lane = new Lane(queue, queue.seat(i, row), engine, loss, counters, drainRate, time);
        Thread thread = new Thread(lane, "voiceprint-lane-" + lanes.size());
        thread.setDaemon(true);
        lanes.add(thread);
      }
    }
    lanes.forEach(Thread::start);
  }

  /**
   * Hands in utterances together, waiting while the queue is full. What one call hands in shares
   * batches as far as their limits allow.
   *
   * <p>A future that is cancelled before its batch is taken is not computed. Dependents of a future
   * run on the lane's thread, so they must be quick and must not wait for this batcher.
   *
   * @param utterances that the engine accepts, at rates that it takes; must not change until
   *     computed
   * @return one future per utterance, in order; it gives the embedding (D), or fails with what the
   *     engine threw
   * @throws IllegalStateException if this batcher is closed, or is closed while this waits; then
   *     none of the utterances counts as accepted
   * @throws InterruptedException if the thread is interrupted while this waits; likewise
   */
  public List<CompletableFuture<float[]>> submit(List<PcmAudio> utterances)
      throws InterruptedException {
    List<Request> requests = requests(utterances, Terms.USUAL);
    queue.put(requests);
    return embeddings(requests);
  }

  /**
   * Hands in utterances together, all or none, without ever waiting. Otherwise as {@link
   * #submit(List)}.
   *
   * @param terms of each of them; one whose deadline passes fails with {@link ExpiredException} at
   *     that time, and is not computed if it still waits
   * @throws QueueFullException if there is no room for all of them
   * @throws IllegalArgumentException if they are more than could ever wait
   * @throws IllegalStateException if this batcher is closed
   */
  public List<CompletableFuture<float[]>> offer(List<PcmAudio> utterances, Terms terms) {
    requireFitting(utterances.size());
    List<Request> requests = requests(utterances, terms);
    queue.offer(requests);
    terms.deadline().ifPresent(deadline -> requests.forEach(each -> watch(each, deadline)));
    return embeddings(requests);
  }

  private static List<CompletableFuture<float[]>> embeddings(List<Request> requests) {
    List<CompletableFuture<float[]>> embeddings = new ArrayList<>(requests.size());
    for (Request request : requests) {
      embeddings.add(request.embedding());
    }
    return embeddings;
  }

  /**
   * Refuses what {@link #offer} would refuse now, before work is put into it.
   *
   * @throws QueueFullException if there is no room for so many utterances
   * @throws IllegalArgumentException if they are more than could ever wait
   * @throws IllegalStateException if this batcher is closed
   */
  public void requireRoom(int utterances) {
    requireFitting(utterances);
    queue.requireRoom(utterances, 0);
  }

  private void requireFitting(int utterances) {
    if (utterances > limits.queueUtterances()) {
      throw new IllegalArgumentException(
          "%d utterances at once, but only %d may wait; hand in fewer, or allow a longer queue"
              .formatted(utterances, limits.queueUtterances()));
    }
  }

  private List<Request> requests(List<PcmAudio> utterances, Terms terms) {
    FbankOptions frontEnd = engines.get(0).frontEnd();
    List<Request> requests = new ArrayList<>(utterances.size());
    for (PcmAudio audio : utterances) {
      long length = audio.samplesAt(frontEnd.sampleRate());
      int frames = frontEnd.frames(length);
      Request request = new Request(audio, length, frames, rows.columns(frames), terms);
      var unused =
          request
              .embedding()
              .whenComplete(
                  (embedding, failure) -> {
                    if (request.embedding().isCancelled() && queue.remove(request)) {
                      counters.cancelled();
                    }
                  });
      requests.add(request);
    }
    return requests;
  }

  private void watch(Request request, long deadline) {
    TimeSource.Alarm alarm =
        time.at(
            deadline,
            () -> {
              if (request.expire()) {
                counters.expired();
                queue.remove(request);
              }
            });
    var unused = request.embedding().whenComplete((embedding, failure) -> alarm.cancel());
  }

  /** A snapshot of the counters. */
  public BatcherStats stats() {
    return counters.snapshot(queue.size());
  }

  /** Whether {@link #close} was called. */
  public boolean isClosed() {
    return queue.isClosed();
  }

  /**
   * Refuses new utterances, computes those that were accepted, and waits for them. If the thread is
   * interrupted meanwhile, those that wait are cancelled and only what runs is waited for; the
   * thread's interrupt flag is set again. Closing twice is harmless.
   */
  @Override
  public void close() {
    queue.close();
    boolean interrupted = false;
    for (Thread lane : lanes) {
      while (lane.isAlive()) {
        try {
          lane.join();
        } catch (InterruptedException e) {
          interrupted = true;
          queue.cancelWaiting();
        }
      }
    }
    time.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
