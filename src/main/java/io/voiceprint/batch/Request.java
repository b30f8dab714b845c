package io.voiceprint.batch;

import io.voiceprint.audio.PcmAudio;
import java.util.concurrent.CompletableFuture;

/**
 * One utterance on its way.
 *
 * @param audio mono, at a rate that the engine takes
 * @param length of it in samples at the front end's rate
 * @param embedding (D), once it is computed
 */
record Request(PcmAudio audio, long length, CompletableFuture<float[]> embedding) {
  Request(PcmAudio audio, int frontEndRate) {
    this(audio, audio.samplesAt(frontEndRate), new CompletableFuture<>());
  }

  boolean isCancelled() {
    return embedding.isCancelled();
  }
}
