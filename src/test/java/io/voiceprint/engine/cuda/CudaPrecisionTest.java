package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The formats below float32: as good as the reference engine's rounding, and as exact. */
@Tag("gpu")
class CudaPrecisionTest {
  /** Where the reference engine is exact to the last bit by chance, any rounding is infinite. */
  private static final double FLOOR = 1e-5;

  /** Cosine with the float64 embedding that a model of the published size keeps. */
  private static final double BASE_COSINE = 0.999;

  static Stream<Arguments> reduced() {
    if (!CudaEngineTest.everything()) {
      return Stream.of(
          Arguments.of(Precision.FP16, "eres2net_micro"),
          Arguments.of(Precision.FP16, "eres2net_odd"),
          Arguments.of(Precision.FP16, "eres2net_tiny"),
          Arguments.of(Precision.TF32, "eres2net_micro"),
          Arguments.of(Precision.TF32, "eres2net_odd"),
          Arguments.of(Precision.TF32, "eres2netv2_tiny"));
    }
    return CudaEngineTest.models().stream()
        .flatMap(
            model ->
                Stream.of(Precision.FP16, Precision.TF32)
                    .map(precision -> Arguments.of(precision, model)));
  }

  /** The minute-long clip would take most of the time; float32 has it. */
  private static List<String> wavs(String model) {
    return CudaEngineTest.everything()
        ? Golden.usableWavs(model).stream()
            .filter(
                wav -> Golden.features(wav).frames() <= Integer.getInteger("cuda.longest", 1000))
            .toList()
        : List.of("speech_1s", "speech_0p3s");
  }

  /**
   * Clip by clip. Known to fail with everything: in tf32 the clip of 28 frames through
   * eres2net_tiny_two_emb erred by 3.7 times as much as the reference.
   */
  @ParameterizedTest
  @MethodSource("reduced")
  void theErrorIsAtMostTwiceThatOfTheReference(
      Precision precision, String name, TestReporter reporter) throws IOException {
    assumeTrue(Golden.has(name), name + " is not in this copy of the reference data");
    SpeakerModel model = SpeakerModel.load(Golden.model(name).resolve("model.ckpt"), null);
    List<String> wavs = wavs(name);
    List<Features> all = wavs.stream().map(Golden::features).toList();
    double worst = 1;
    try (Engine engine = TestEngines.open(model, precision, 1);
        Engine reference = new ReferenceEngine(model.graph(), model.frontEnd(), precision, 2)) {
      List<float[]> together = engine.embedFeatures(all);
      for (int i = 0; i < wavs.size(); i++) {
        String wav = wavs.get(i);
        List<Features> features = List.of(all.get(i));
        double[] expected = Golden.embedding(name, wav);
        float[] alone = engine.embedFeatures(features).get(0);
        assertArrayEquals(alone, together.get(i), wav);
        double error = Golden.relativeL2(alone, expected);
        double bound =
            2 * Golden.relativeL2(reference.embedFeatures(features).get(0), expected) + FLOOR;
        assertTrue(
            error <= bound,
            () -> "%s, %s, %s: %.2e > %.2e".formatted(name, precision, wav, error, bound));
        worst = Math.min(worst, Golden.cosine(alone, expected));
      }
    }
    double cosine = worst;
    reporter.publishEntry(
        "%s, %s".formatted(name, precision), "worst cosine %.6f".formatted(cosine));
    assertTrue(
        !name.equals("eres2net_base") || cosine >= BASE_COSINE,
        () -> "%s, %s: cosine %.6f < %s".formatted(name, precision, cosine, BASE_COSINE));
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
