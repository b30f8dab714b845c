package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.frontend.Features;
import io.voiceprint.golden.Golden;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.SimCuda;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TunerTest {
  private final SpeakerModel model =
      SpeakerModel.seeded(
          new Res2NetArchitecture(
              Family.ERES2NET, 80, 6, List.of(1, 1, 1, 1), 26, 2, 2, Pooling.TSTP, 8, false),
          7);
  private final Features features = TestEngines.features(17, new Random(8));

  private CudaEngine open(Precision precision, Tuning tuning) {
    return CudaEngine.open(
        TestEngines.device(), model.graph(), model.frontEnd(), precision, 1, tuning);
  }

  private double[] reference() {
    try (Engine engine = new ReferenceEngine(model.graph(), model.frontEnd(), Precision.FP32, 1)) {
      float[] embedding = engine.embedFeatures(List.of(features)).get(0);
      double[] expected = new double[embedding.length];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = embedding[i];
      }
      return expected;
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "FP16"})
  void whatWasMeasuredCanBeUsed(Precision precision) {
    List<String> lines = new ArrayList<>();
    Tuning tuning;
    try (Tuner tuner =
        new Tuner(TestEngines.device(), model.graph(), model.frontEnd(), precision)) {
      tuning = tuner.tune(9, true, lines::add);
    }
    assertFalse(tuning.choices().isEmpty());
    assertTrue(lines.stream().anyMatch(line -> line.contains("cudnn")), () -> "" + lines);
    assertTrue(lines.stream().anyMatch(line -> line.contains("cublas")), () -> "" + lines);
    double[] expected = reference();
    try (Engine engine = open(precision, tuning)) {
      double error = Golden.relativeL2(engine.embedFeatures(List.of(features)).get(0), expected);
      assertTrue(error <= (precision == Precision.FP16 ? 2e-2 : 1e-4), "error " + error);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cublas", "cudnn-IMPLICIT_GEMM", "fused", "products"})
  void everyImplementationComputesTheSame(String implementation) {
    Map<String, String> choices = new TreeMap<>();
    try (Tuner tuner =
        new Tuner(TestEngines.device(), model.graph(), model.frontEnd(), Precision.FP32)) {
      tuner
          .choices(true)
          .forEach(
              (layer, names) -> {
                if (names.contains(implementation)) {
                  choices.put(layer, implementation);
                }
              });
    }
    assertFalse(choices.isEmpty());
    double[] expected = reference();
    try (CudaEngine engine = open(Precision.FP32, new Tuning(choices))) {
      float[] first = engine.embedFeatures(List.of(features)).get(0);
      double error = Golden.relativeL2(first, expected);
      assertTrue(error <= 1e-4, "error " + error);
      engine.awaitCaptures();
      if (TestEngines.isSlow()) {
        SimCuda.require();
        SimCuda.reset();
      }
      for (int round = 0; round < 2; round++) {
        assertArrayEquals(first, engine.embedFeatures(List.of(features)).get(0));
      }
      if (TestEngines.isSlow()) {
        assertEquals(2, SimCuda.calls("cuGraphLaunch"), "the libraries' calls are part of a graph");
      }
    }
  }

  @Test
  void aTuningOfAnotherMachineIsRefusedByTheLayer() {
    Map<String, String> choices = new TreeMap<>();
    try (Tuner tuner =
        new Tuner(TestEngines.device(), model.graph(), model.frontEnd(), Precision.FP32)) {
      tuner.choices(false).forEach((layer, names) -> choices.put(layer, "kernel-abacus"));
    }
    var thrown =
        assertThrows(UnknownChoiceException.class, () -> open(Precision.FP32, new Tuning(choices)));
    assertTrue(thrown.getMessage().contains("kernel-abacus"), thrown.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"conv", "fusion", "stem", "downsample"})
  void whateverKindOfLayerItIsOf(String kind) {
    Map<String, String> choices = new TreeMap<>();
    try (Tuner tuner =
        new Tuner(TestEngines.device(), model.graph(), model.frontEnd(), Precision.FP16)) {
      for (String layer : tuner.choices(true).keySet()) {
        if (layer.startsWith(kind)) {
          choices.put(layer, "cudnn-ABACUS");
        }
      }
    }
    assumeFalse(choices.isEmpty(), () -> "no " + kind + " to choose in this network");
    var thrown =
        assertThrows(UnknownChoiceException.class, () -> open(Precision.FP16, new Tuning(choices)));
    assertTrue(thrown.getMessage().contains("cudnn-ABACUS"), thrown.getMessage());
    assertTrue(thrown.getMessage().contains("tune again"), thrown.getMessage());
  }
}
