package io.voiceprint.batch;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/** Takes batches from the queue and runs them, until the queue is closed and dry. */
final class Lane implements Runnable {
  private static final Logger LOGGER = System.getLogger("io.voiceprint");

  private final RequestQueue queue;
  private final Engine engine;
  private final Counters counters;

  Lane(RequestQueue queue, Engine engine, Counters counters) {
    this.queue = queue;
    this.engine = engine;
    this.counters = counters;
  }

  @Override
  public void run() {
    for (List<Request> batch = queue.take(); !batch.isEmpty(); batch = queue.take()) {
      if (!compute(batch)) {
        retrySingly(batch);
      }
    }
  }

  private void retrySingly(List<Request> batch) {
    for (Request request : batch) {
      counters.started(1);
      if (request.isCancelled()) {
        counters.ended(1, 0);
        counters.cancelled();
      } else {
        boolean settled = compute(List.of(request));
        assert settled;
      }
    }
  }

  /** Computes and completes a batch; {@code false} if it failed and its utterances may not. */
  private boolean compute(List<Request> batch) {
    List<float[]> embeddings;
    long start = System.nanoTime();
    try {
      embeddings = embed(batch);
    } catch (RuntimeException | Error e) {
      // An error too: whoever waits for this batch must hear of it, and the lane serves others.
      counters.ended(batch.size(), System.nanoTime() - start);
      if (batch.size() > 1) {
        LOGGER.log(
            Level.WARNING,
            "a batch of %d utterances failed, each is tried alone: %s".formatted(batch.size(), e));
        return false;
      }
      counters.failed();
      batch.get(0).embedding().completeExceptionally(e);
      return true;
    }
    counters.ended(batch.size(), System.nanoTime() - start);
    counters.computed(batch.size(), samples(batch));
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).embedding().complete(embeddings.get(i));
    }
    return true;
  }

  private List<float[]> embed(List<Request> batch) {
    List<float[]> utterances = new ArrayList<>(batch.size());
    for (Request request : batch) {
      utterances.add(request.samples());
    }
    List<float[]> embeddings = engine.embed(utterances);
    if (embeddings.size() != batch.size()) {
      throw new EngineException(
          "the engine gave %d embeddings for %d utterances"
              .formatted(embeddings.size(), batch.size()));
    }
    return embeddings;
  }

  private static long samples(List<Request> batch) {
    long samples = 0;
    for (Request request : batch) {
      samples += request.samples().length;
    }
    return samples;
  }
}
