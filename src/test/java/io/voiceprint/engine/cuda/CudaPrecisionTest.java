package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.frontend.Features;
import io.voiceprint.golden.Golden;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The formats below float32: as good as the reference engine's rounding, and as exact. */
@Tag("gpu")
class CudaPrecisionTest {
  /** Where the reference engine is exact to the last bit by chance, any rounding is infinite. */
  private static final double FLOOR = 1e-5;

  @ParameterizedTest
  @CsvSource({
    "FP16, eres2net_micro",
    "FP16, eres2net_odd",
    "FP16, eres2net_tiny",
    "TF32, eres2net_micro",
    "TF32, eres2net_odd",
    "TF32, eres2netv2_tiny"
  })
  void theErrorIsAtMostTwiceThatOfTheReference(Precision precision, String name)
      throws IOException {
    SpeakerModel model = SpeakerModel.load(Golden.model(name).resolve("model.ckpt"), null);
    try (Engine engine = TestEngines.open(model, precision, 1);
        Engine reference = new ReferenceEngine(model.graph(), model.frontEnd(), precision, 2)) {
      for (String wav : List.of("speech_1s", "speech_0p3s")) {
        List<Features> features = List.of(Golden.features(wav));
        double[] expected = Golden.embedding(name, wav);
        double error = Golden.relativeL2(engine.embedFeatures(features).get(0), expected);
        double bound =
            2 * Golden.relativeL2(reference.embedFeatures(features).get(0), expected) + FLOOR;
        assertTrue(
            error <= bound,
            () -> "%s, %s, %s: %.2e > %.2e".formatted(name, precision, wav, error, bound));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FP16", "TF32"})
  void anUtteranceGetsTheSameBitsInAnyCompany(Precision precision) {
    Random random = new Random(17);
    SpeakerModel model = RandomModels.next(random);
    List<Features> all =
        List.of(
            TestEngines.features(33, random),
            TestEngines.features(9, random),
            TestEngines.features(17, random));
    try (Engine engine = TestEngines.open(model, precision, 1)) {
      List<float[]> together = engine.embedFeatures(all);
      for (int i = 0; i < all.size(); i++) {
        assertArrayEquals(engine.embedFeatures(List.of(all.get(i))).get(0), together.get(i));
      }
    }
  }

  @Test
  void aPrecisionWithoutKernelsIsRefused() {
    SpeakerModel model = RandomModels.next(new Random(1));
    var thrown =
        assertThrows(EngineException.class, () -> TestEngines.open(model, Precision.BF16, 1));
    assertTrue(thrown.getMessage().contains("fp16"), thrown.getMessage());
  }
}
