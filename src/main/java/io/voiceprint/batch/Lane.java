package io.voiceprint.batch;

import io.voiceprint.audio.PcmAudio;
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
      compute(batch);
    }
  }

  private void compute(List<Request> batch) {
    List<float[]> embeddings;
    counters.started(batch.size());
    long start = System.nanoTime();
    try {
      embeddings = embed(batch);
    } catch (RuntimeException | Error e) {
      // An error too: whoever waits for this batch must hear of it, and the lane serves others.
      counters.ended(batch.size(), System.nanoTime() - start);
      fail(batch, e);
      return;
    }
    counters.ended(batch.size(), System.nanoTime() - start);
    counters.computed(batch.size(), samples(batch));
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).embedding().complete(embeddings.get(i));
    }
  }

  /** Tries each utterance alone, so that only those fail that cannot be computed. */
  private void fail(List<Request> batch, Throwable failure) {
    if (batch.size() == 1) {
      counters.failed();
      batch.get(0).embedding().completeExceptionally(failure);
      return;
    }
    LOGGER.log(
        Level.WARNING,
        "a batch of %d utterances failed, each is tried alone: %s"
            .formatted(batch.size(), failure));
    for (Request request : batch) {
      if (request.isCancelled()) {
        counters.cancelled();
      } else {
        compute(List.of(request));
      }
    }
  }

  private List<float[]> embed(List<Request> batch) {
    List<PcmAudio> utterances = new ArrayList<>(batch.size());
    for (Request request : batch) {
      utterances.add(request.audio());
    }
    List<float[]> embeddings = engine.embedAudio(utterances);
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
      samples += request.length();
    }
    return samples;
  }
}
