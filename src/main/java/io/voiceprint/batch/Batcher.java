package io.voiceprint.batch;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Coalesces what many threads ask of one engine.
 *
 * <p>Requests wait in a bounded queue. Each lane is a thread that takes what is waiting, up to the
 * limits of a batch, and computes it in one call. An idle lane takes a single request at once:
 * nothing is ever delayed in the hope of company; batches form by themselves while the engine is
 * busy. When a batch fails, each of its utterances is computed alone, so that only those fail that
 * cannot be computed.
 *
 * <p>Thread-safe. The engine is not owned: close it after this.
 */
public final class Batcher implements AutoCloseable {
  private final int sampleRate;
  private final RequestQueue queue;
  private final Counters counters = new Counters();
  private final List<Thread> lanes = new ArrayList<>();

  /** Starts one daemon thread for each of the engine's lanes. */
  public Batcher(Engine engine, BatchLimits limits) {
    this.sampleRate = engine.frontEnd().sampleRate();
    this.queue = new RequestQueue(limits, counters);
    for (int i = 0; i < engine.lanes(); i++) {
      Thread lane = new Thread(new Lane(queue, engine, counters), "voiceprint-lane-" + i);
      lane.setDaemon(true);
      lanes.add(lane);
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
    List<Request> requests =
        utterances.stream().map(audio -> new Request(audio, sampleRate)).toList();
    queue.put(requests);
    return requests.stream().map(Request::embedding).toList();
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
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
