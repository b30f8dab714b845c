package io.voiceprint.batch;

import java.util.concurrent.CompletableFuture;

/**
 * One utterance on its way.
 *
 * @param samples mono PCM at the engine's sample rate
 * @param embedding (D), once it is computed
 */
record Request(float[] samples, CompletableFuture<float[]> embedding) {
  Request(float[] samples) {
    this(samples, new CompletableFuture<>());
  }

  boolean isCancelled() {
    return embedding.isCancelled();
  }
}
