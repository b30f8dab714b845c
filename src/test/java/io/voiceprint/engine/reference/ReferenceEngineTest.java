package io.voiceprint.engine.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineContract;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.golden.Golden;
import io.voiceprint.graph.Activation;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.GraphBuilder;
import io.voiceprint.graph.Statistics;
import io.voiceprint.graph.Tensor;
import io.voiceprint.graph.Value;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceEngineTest extends EngineContract {
  @Override
  protected Engine open(Graph graph, FbankOptions frontEnd) {
    return new ReferenceEngine(graph, frontEnd, Precision.FP32, 2);
  }

  /**
   * The reference data rounds weights alone, to 10 and 7 mantissa bits, and states the smallest
   * cosine over the real clips: 0.99970 and 0.98771 for this model. Rounded activations cost about
   * as much again.
   */
  @ParameterizedTest
  @CsvSource({"TF32, 0.999, 0.999999", "FP16, 0.999, 0.999999", "BF16, 0.95, 0.9999"})
  void lowerPrecisionCostsAboutWhatItsMantissaSays(Precision precision, double least, double most)
      throws IOException {
    SpeakerModel model =
        SpeakerModel.load(Golden.model("eres2net_tiny").resolve("model.ckpt"), null);
    try (Engine engine = new ReferenceEngine(model.graph(), model.frontEnd(), precision, 2)) {
      for (String wav : List.of("fangjun-sr-1", "leijun-sr-1", "speaker1_a_cn_16k")) {
        float[] embedding = engine.embedFeatures(List.of(Golden.features(wav))).get(0);
        double cosine = Golden.cosine(embedding, Golden.embedding("eres2net_tiny", wav));
        assertTrue(
            cosine >= least && cosine <= most, () -> "%s: cosine %.7f".formatted(wav, cosine));
      }
    }
  }

  /** 1 + 2^-11 lies between two halves and rounds to the even one, 1; and so does 1 + 2^-12. */
  @Test
  void aProductIsRoundedBeforeTheBiasWhereThatIsWanted() {
    GraphBuilder builder = new GraphBuilder(80);
    Value map =
        builder.conv(
            "conv",
            builder.input(),
            Tensor.of(new float[] {1}, 1, 1, 1, 1),
            Tensor.of(new float[] {0x1p-12f}, 1),
            1,
            Activation.NONE);
    builder.pool("pool", map, Statistics.MEAN, 0);
    Graph graph = builder.build();
    float[] log = new float[80];
    Arrays.fill(log, 1 + 0x1p-11f);
    assertEquals(1 + 0x1p-10f, half(graph, new Features(1, 80, log), Set.of()));
    assertEquals(1f, half(graph, new Features(1, 80, log), Set.of("conv")));
  }

  private static float half(Graph graph, Features features, Set<String> roundedProducts) {
    try (Engine engine =
        new ReferenceEngine(graph, FbankOptions.speaker(80), Precision.FP16, 1, roundedProducts)) {
      return engine.activation(features, "conv")[0];
    }
  }

  @Test
  void theNumberOfThreadsDoesNotChangeABit() {
    SpeakerModel model = RandomModels.next(new Random(9));
    float[] samples = new float[8000];
    Random random = new Random(10);
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.1 * random.nextGaussian());
    }
    float[] alone = embed(model, samples, 1);
    for (int threads : new int[] {2, 3, 8}) {
      assertArrayEquals(alone, embed(model, samples, threads));
    }
  }

  private static float[] embed(SpeakerModel model, float[] samples, int threads) {
    try (Engine engine =
        new ReferenceEngine(model.graph(), model.frontEnd(), Precision.FP32, threads)) {
      return engine.embed(List.of(samples)).get(0);
    }
  }

  @Test
  void nonsenseIsRefused() {
    SpeakerModel model = RandomModels.next(new Random(9));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ReferenceEngine(model.graph(), model.frontEnd(), Precision.FP32, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ReferenceEngine(model.graph(), FbankOptions.speaker(40), Precision.FP32, 1));
  }

  @Test
  void aFailingTaskFailsTheStepAndLeavesTheWorkersUsable() {
    try (Workers workers = new Workers(3)) {
      IllegalStateException failure = new IllegalStateException("task 5");
      var thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  workers.forEach(
                      9,
                      0,
                      (index, scratch) -> {
                        if (index == 5) {
                          throw failure;
                        }
                      }));
      assertEquals(failure, thrown);
      int[] done = new int[9];
      workers.forEach(9, 4, (index, scratch) -> done[index] = scratch.length);
      for (int scratch : done) {
        assertEquals(4, scratch);
      }
    }
  }
}
