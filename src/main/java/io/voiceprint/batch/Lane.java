package io.voiceprint.batch;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Takes rows from the queue and runs them on an engine, until the queue is closed and dry. */
final class Lane implements Runnable {
  private static final Logger LOGGER = System.getLogger("io.voiceprint");

  private final RequestQueue queue;
  private final Seat seat;
  private final Engine engine;
  private final AtomicBoolean loss;
  private final Counters counters;
  private final DrainRate drainRate;
  private final TimeSource time;

  /**
   * @param loss of the engine, whether it was logged; shared by the engine's lanes
   */
  Lane(
      RequestQueue queue,
      Seat seat,
      Engine engine,
      AtomicBoolean loss,
      Counters counters,
      DrainRate drainRate,
      TimeSource time) {
    this.queue = queue;
    this.seat = seat;
    this.engine = engine;
    this.loss = loss;
    this.counters = counters;
    this.drainRate = drainRate;
    this.time = time;
  }

  @Override
  public void run() {
    boolean serving = true;
    while (serving) {
      List<Request> row = queue.take(seat);
      serving = !row.isEmpty() && serve(row);
    }
  }

  /** Returns whether this lane goes on. */
  private boolean serve(List<Request> row) {
    List<Request> wanted = wanted(row);
    if (wanted.isEmpty()) {
      return true;
    }
    long now = time.nanos();
    wanted.forEach(request -> counters.queued(now - request.arrival()));
    Throwable failure = compute(new Batch(wanted));
    if (failure == null) {
      return true;
    }
    if (isRetired(wanted, failure)) {
      return false;
    }
    if (wanted.size() == 1) {
      fail(wanted.get(0), failure);
      return true;
    }
    LOGGER.log(
        Level.WARNING,
        "a batch of %d utterances failed, each is tried alone: %s"
            .formatted(wanted.size(), failure));
    return serveAlone(wanted);
  }

  /** Tries each utterance alone, so that only those fail that cannot be computed. */
  private boolean serveAlone(List<Request> requests) {
    for (int i = 0; i < requests.size(); i++) {
      for (Request request : wanted(requests.subList(i, i + 1))) {
        Throwable failure = compute(new Batch(List.of(request)));
        if (failure != null && isRetired(requests.subList(i, requests.size()), failure)) {
          return false;
        }
        if (failure != null) {
          fail(request, failure);
        }
      }
    }
    return true;
  }

  /** Whether the engine is broken and others took over what it could not compute. */
  private boolean isRetired(List<Request> uncomputed, Throwable failure) {
    if (!engine.isBroken() || !queue.retire(seat, uncomputed)) {
      return false;
    }
    if (loss.compareAndSet(false, true)) {
      LOGGER.log(
          Level.ERROR,
          "%s is broken and gets no more work, the other engines go on: %s"
              .formatted(engine.description(), failure));
    }
    return true;
  }

  /** Those that somebody still waits for. */
  private List<Request> wanted(List<Request> row) {
    List<Request> wanted = new ArrayList<>(row.size());
    long now = time.nanos();
    for (Request request : row) {
      if (request.isLate(now) && request.expire()) {
        counters.expired();
      } else if (request.embedding().isCancelled()) {
        counters.cancelled();
      } else if (!request.embedding().isDone()) {
        wanted.add(request);
      }
    }
    return wanted;
  }

  /** Returns what went wrong, or {@code null}. */
  private Throwable compute(Batch batch) {
    List<float[]> embeddings;
    counters.began(batch);
    long start = time.nanos();
    drainRate.began(start);
    try {
      embeddings = embed(batch);
    } catch (RuntimeException | Error e) {
      // An error too: whoever waits for this batch must hear of it, and the lane serves others.
      ended(batch, start, 0);
      return e;
    }
    long nanos = ended(batch, start, batch.columns());
    counters.computed(batch, engine.rows().computed(batch.columns()), nanos);
    for (int i = 0; i < batch.size(); i++) {
      batch.requests().get(i).embedding().complete(embeddings.get(i));
    }
    return null;
  }

  private long ended(Batch batch, long start, int computedColumns) {
    long end = time.nanos();
    drainRate.ended(end, computedColumns);
    counters.ended(batch, end - start);
    return end - start;
  }

  private void fail(Request request, Throwable failure) {
    counters.failed();
    request.embedding().completeExceptionally(failure);
  }

  private List<float[]> embed(Batch batch) {
    List<float[]> embeddings = engine.embedAudio(batch.utterances(), queue.size() > 0);
    if (embeddings.size() != batch.size()) {
      throw new EngineException(
          "the engine gave %d embeddings for %d utterances"
              .formatted(embeddings.size(), batch.size()));
    }
    return embeddings;
  }
}
