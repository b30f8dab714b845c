package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.batch.ArithmeticEngine;
import io.voiceprint.batch.SystemTime;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/** Encoders around an engine that does arithmetic, and audio for them. */
abstract class SpeakerEncoderScene {
  static final int RATE = 16_000;
  static final EncoderOptions OPTIONS = EncoderOptions.DEFAULTS.withBatch(4, 60);

  static SpeakerEncoder encoder(ArithmeticEngine engine) {
    return encoder(engine, OPTIONS);
  }

  static SpeakerEncoder encoder(ArithmeticEngine engine, EncoderOptions options) {
    ModelInfo model =
        new ModelInfo(Path.of("model.ckpt"), "arithmetic", 0, 4, OptionalDouble.empty());
    return new SpeakerEncoder(List.of(engine), model, options, new SystemTime());
  }

  static PcmAudio audio(float first, int samples) {
    return audio(first, samples, RATE);
  }

  static PcmAudio audio(float first, int samples, int rate) {
    float[] values = new float[samples];
    for (int i = 0; i < samples; i++) {
      values[i] = (float) (0.3 * Math.sin(i * 440 * 2 * Math.PI / rate));
    }
    values[0] = first;
    return new PcmAudio(values, rate);
  }

  static void assertComputed(PcmAudio audio, Embedding embedding) {
    assertArrayEquals(ArithmeticEngine.expected(audio.samples()), embedding.values());
    assertEquals(audio.seconds(), embedding.seconds(), 1e-9);
  }
}
