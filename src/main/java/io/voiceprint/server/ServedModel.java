package io.voiceprint.server;

import io.voiceprint.Embedding;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.server.config.ModelSpec;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A model that is loaded and warm. Thread-safe.
 *
 * @param spec as it was configured
 * @param encoder computes; the registry closes it
 * @param reader of its clips
 */
record ServedModel(ModelSpec spec, SpeakerEncoder encoder, ClipReader reader)
    implements AutoCloseable {

  /** The only version that there is of a model, in the Open Inference Protocol's sense. */
  static final String VERSION = "1";

  /** Opens and warms a model. */
  static ServedModel open(ModelSpec spec, Duration longest) {
    SpeakerEncoder encoder = SpeakerEncoder.open(spec.file(), spec.options());
    try {
      encoder.warmUp(spec.warmUpSeconds().stream().mapToDouble(Double::doubleValue).toArray());
    } catch (RuntimeException e) {
      encoder.close();
      throw e;
    }
    return new ServedModel(spec, encoder, new ClipReader(spec.options().channel(), longest));
  }

  String name() {
    return spec.name();
  }

  /** Hands in an utterance; see {@link SpeakerEncoder}. */
  CompletableFuture<Embedding> submit(String name, PcmAudio audio, Duration timeout) {
    return encoder.embedAsync(audio);
  }

  /** Finishes what was accepted. */
  @Override
  public void close() {
    encoder.close();
  }
}
