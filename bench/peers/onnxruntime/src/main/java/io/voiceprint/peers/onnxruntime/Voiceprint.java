package io.voiceprint.peers.onnxruntime;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.cpu.CpuEngine;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.SpeakerModel;
import java.util.List;
import java.util.Locale;

/** Voiceprint's CPU engine. */
final class Voiceprint implements Contestant {
  private final Engine engine;

  Voiceprint(SpeakerModel model, Precision precision, int threads) {
    engine = new CpuEngine(model.graph(), model.frontEnd(), precision, threads, 1);
  }

  static String name(Precision precision) {
    return "voiceprint cpu " + precision.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String name() {
    return name(engine.precision());
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
  public List<float[]> embed(List<Features> utterances) {
    return engine.embedFeatures(utterances);
  }

  @Override
  public void close() {
    engine.close();
  }
}
