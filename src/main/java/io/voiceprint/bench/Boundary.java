package io.voiceprint.bench;

import io.voiceprint.EncoderOptions;
import io.voiceprint.model.SpeakerModel;
import java.util.Locale;

/** Where a timed call begins; it ends with embeddings in host memory. */
public enum Boundary {
  /** With samples of 16 bits in host memory, through the public API. */
  PCM,
  /** With features in host memory, in the engine itself. */
  FEATURES;

  Subject open(SpeakerModel model, EncoderOptions options) {
    return this == PCM ? new EncoderSubject(model, options) : new EngineSubject(model, options);
  }

  /** As command lines and result files spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
