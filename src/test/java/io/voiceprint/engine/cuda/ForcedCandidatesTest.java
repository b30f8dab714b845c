package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.RoundedReference;
import io.voiceprint.frontend.Features;
import io.voiceprint.golden.Golden;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole networks with one candidate forced wherever it is possible. */
@Tag("gpu")
class ForcedCandidatesTest {
  /** Parts of 4, 8, 16 and 32 channels: the first two stages are beneath what tensor cores take. */
  private static SpeakerModel model(Family family, int channels, int scale) {
    return SpeakerModel.seeded(
        new Res2NetArchitecture(
            family, 80, channels, List.of(1, 1, 1, 1), 16, scale, 2, Pooling.TSTP, 16, false),
        channels + scale);
  }

  /** Parts that are added, and in the last two stages of the first network fused by attention. */
  private static final List<SpeakerModel> MODELS =
      List.of(model(Family.ERES2NETV2, 16, 3), model(Family.RES2NET, 16, 3));

  /** One fusion of all stages, three of two stages each. */
  private static final List<SpeakerModel> FUSING_STAGES =
      List.of(model(Family.ERES2NETV2, 16, 2), model(Family.ERES2NET, 16, 2));

  private final Random random = new Random(4);
  private final List<Features> features =
      List.of(TestEngines.features(17, random), TestEngines.features(9, random));

  /** On the software device a part of them, unless {@code -Dcuda.all=true} asks for all. */
  static List<Arguments> candidates() {
    List<Arguments> candidates =
        new ArrayList<>(
            List.of(
                arguments(Precision.FP32, "block-4x8"),
                arguments(Precision.TF32, "block-4x4"),
                arguments(Precision.FP16, "block-8x16"),
                arguments(Precision.FP16, "fused-mma"),
                arguments(Precision.FP32, "downsample-2x8"),
                arguments(Precision.TF32, "downsample-2x8"),
                arguments(Precision.FP16, "downsample-4x8"),
                arguments(Precision.FP16, "kernel-mma_short"),
                arguments(Precision.FP16, "kernel-mma_wide"),
                arguments(Precision.FP16, "kernel-mma_split"),
                arguments(Precision.FP16, "kernel-mma_persistent")));
    if (Boolean.getBoolean("cuda.all") || !TestEngines.isSlow()) {
      for (String block : List.of("block-8x8", "block-4x16", "block-4x8", "block-4x4")) {
        candidates.add(arguments(Precision.FP16, block));
      }
      candidates.add(arguments(Precision.FP16, "kernel-simt"));
      candidates.add(arguments(Precision.FP16, "downsample-8x8"));
      candidates.add(arguments(Precision.FP16, "downsample-2x8"));
      candidates.add(arguments(Precision.FP32, "block-8x8"));
      candidates.add(arguments(Precision.TF32, "block-4x8"));
      candidates.add(arguments(Precision.TF32, "fused-mma"));
      candidates.add(arguments(Precision.TF32, "kernel-mma_short"));
      candidates.add(arguments(Precision.TF32, "kernel-mma_split"));
      candidates.add(arguments(Precision.TF32, "kernel-mma_persistent"));
    }
    return candidates;
  }

  @ParameterizedTest
  @MethodSource("candidates")
  void everyNetworkIsAsExactAsWithoutIt(Precision precision, String candidate) {
    boolean somewhere = false;
    for (SpeakerModel model : candidate.startsWith("downsample-") ? FUSING_STAGES : MODELS) {
      Tuning tuning = forced(model, precision, candidate);
      if (!tuning.choices().isEmpty()) {
        somewhere = true;
        check(
            model,
            precision,
            tuning.with(comparable(model, precision, candidate)),
            comparable(model, precision, candidate),
            sameBits(candidate));
      }
    }
    assertTrue(somewhere, "no network has a place for " + candidate);
  }

  /**
   * Tiles sum in the order of the usual kernels, and so do blocks and downsamples; those with a
   * gate in that of fusions in one kernel. Whoever splits the inner extent has an order of its own.
   */
  private static boolean sameBits(String candidate) {
    return gates(candidate)
        || (candidate.startsWith("kernel-mma") && !candidate.equals("kernel-mma_split"));
  }

  private static boolean gates(String candidate) {
    return candidate.startsWith("block-") || candidate.startsWith("downsample-");
  }

  /** The plan that a candidate must agree with to the bit, if it must. */
  private static Tuning comparable(SpeakerModel model, Precision precision, String candidate) {
    return gates(candidate)
        ? forced(
            model, precision, precision == Precision.FP32 ? Operators.FUSED : Operators.FUSED_MMA)
        : Tuning.NONE;
  }

  private static Tuning forced(SpeakerModel model, Precision precision, String candidate) {
    try (Tuner tuner =
        new Tuner(TestEngines.device(), model.graph(), model.frontEnd(), precision)) {
      Map<String, List<String>> choices = tuner.choices(false);
      assertFalse(choices.isEmpty());
      return Tuning.forcing(choices, List.of(candidate));
    }
  }

  private void check(
      SpeakerModel model, Precision precision, Tuning tuning, Tuning before, boolean sameBits) {
    try (Engine usual = open(model, precision, before);
        Engine engine = open(model, precision, tuning);
        RoundedReference reference = new RoundedReference(model, precision)) {
      List<float[]> together = engine.embedFeatures(features);
      for (int i = 0; i < features.size(); i++) {
        List<Features> one = List.of(features.get(i));
        float[] alone = engine.embedFeatures(one).get(0);
        assertArrayEquals(alone, together.get(i), "in company");
        float[] compared = usual.embedFeatures(one).get(0);
        if (sameBits) {
          assertArrayEquals(compared, alone, "against the usual kernels");
        }
        double[] expected = reference.exact(features.get(i), model.graph().output().name());
        double error = Golden.relativeL2(alone, expected);
        double bound = 2 * Golden.relativeL2(compared, expected) + 1e-5;
        if (error > bound) {
          // The usual kernels may have been lucky, as the reference may be.
          bound = 2 * reference.largestOfCopies(features.get(i)) + 1e-5;
        }
        assertTrue(error <= bound, "%s: %.2e > %.2e".formatted(tuning, error, bound));
      }
      if (sameBits) {
        assertArrayEquals(
            usual.activation(features.get(0), "layer3.0.convs.0"),
            engine.activation(features.get(0), "layer3.0.convs.0"),
            "what lies within a block");
        for (String within : List.of("layer3_ds", "layer2_downsample")) {
          if (model.graph().nodes().stream().anyMatch(node -> node.name().equals(within))) {
            assertArrayEquals(
                usual.activation(features.get(0), within),
                engine.activation(features.get(0), within),
                "what lies before a fusion of stages");
          }
        }
      }
    }
  }

  private static Engine open(SpeakerModel model, Precision precision, Tuning tuning) {
    return CudaEngine.open(
        TestEngines.device(), model.graph(), model.frontEnd(), precision, 1, tuning);
  }
}
