package io.voiceprint.bench;

import io.voiceprint.EncoderOptions;
import io.voiceprint.Engines;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.SpeakerModel;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** The engine alone: from features to embeddings, as other runtimes are measured. */
final class EngineSubject implements Subject {
  private final Engine engine;

  EngineSubject(SpeakerModel model, EncoderOptions options) {
    this.engine = Engines.open(model.graph(), model.frontEnd(), options);
  }

  @Override
  public String engineName() {
    return engine.name();
  }

  @Override
  public String device() {
    return engine.description();
  }

  @Override
  public Precision precision() {
    return engine.precision();
  }

  @Override
  public OptionalLong deviceBytes() {
    return engine
        .memory()
        .map(memory -> OptionalLong.of(memory.usedBytes()))
        .orElse(OptionalLong.empty());
  }

  @Override
  public Supplier<List<float[]>> prepare(List<PcmAudio> clips) {
    List<Features> features = clips.stream().map(clip -> engine.features(clip.samples())).toList();
    return () -> engine.embedFeatures(features);
  }

  @Override
  public void close() {
    engine.close();
  }
}
