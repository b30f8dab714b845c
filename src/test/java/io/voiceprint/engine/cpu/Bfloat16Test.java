package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.frontend.Features;
import io.voiceprint.golden.Golden;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rounding to bfloat16 costs what it must: at most twice the error of the reference engine, which
 * rounds weights and activations and nothing else.
 */
class Bfloat16Test {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "eres2net_micro",
        "eres2net_odd",
        "eres2net_tiny",
        "eres2net_tiny_two_emb",
        "eres2net_tiny_TSDP",
        "eres2net_tiny_ASTP",
        "eres2netv2_tiny",
        "res2net_tiny",
        "ecapa_tdnn_tiny",
        "campplus_tiny"
      })
  void theErrorIsThatOfRoundedWeightsAndActivations(String name) throws IOException {
    OneDnnAvailable.assume(Precision.BF16);
    SpeakerModel model = SpeakerModel.load(Golden.model(name).resolve("model.ckpt"), null);
    double own = 0;
    double reference = 0;
    try (Engine engine = new CpuEngine(model.graph(), model.frontEnd(), Precision.BF16, 2, 1);
        Engine oracle = new ReferenceEngine(model.graph(), model.frontEnd(), Precision.BF16, 2)) {
      for (String wav : Golden.usableWavs(name)) {
        Features features = Golden.features(wav);
        if (features.frames() > 600) {
          continue; // The reference engine is slow.
        }
        double[] expected = Golden.embedding(name, wav);
        own += square(error(engine, features, expected));
        reference += square(error(oracle, features, expected));
      }
    }
    double ratio = Math.sqrt(own / reference);
    assertTrue(ratio <= 2, () -> "%s: error %.2f times the reference's".formatted(name, ratio));
  }

  private static double error(Engine engine, Features features, double[] expected) {
    return Golden.relativeL2(engine.embedFeatures(List.of(features)).get(0), expected);
  }

  private static double square(double x) {
    return x * x;
  }
}
