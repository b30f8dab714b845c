package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.RoundedReference;
import io.voiceprint.frontend.Features;
import io.voiceprint.golden.Golden;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
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

  private static final double TWICE = 2;

  /** Of the geometric mean over clips, and of a map. */
  private static final double MEAN_RATIO = 1.5;

  private static final int STAGES = 12;

  /** Cosine with the float64 embedding that a model of the published size keeps. */
  private static final double BASE_COSINE = 0.999;

  static Stream<Arguments> reduced() {
    if (!CudaEngineTest.everything()) {
      return Stream.of(
          Arguments.of(Precision.FP16, "eres2net_micro"),
          Arguments.of(Precision.FP16, "eres2net_odd"),
          Arguments.of(Precision.FP16, "eres2net_tiny"),
          Arguments.of(Precision.FP16, "campplus_tiny"),
          Arguments.of(Precision.TF32, "eres2net_micro"),
          Arguments.of(Precision.TF32, "eres2net_odd"),
          Arguments.of(Precision.TF32, "eres2netv2_tiny"),
          Arguments.of(Precision.TF32, "ecapa_tdnn_tiny"));
    }
    return Stream.concat(CudaEngineTest.models().stream(), CudaEngineTest.temporalModels().stream())
        .flatMap(
            model ->
                Stream.of(Precision.FP16, Precision.TF32)
                    .map(precision -> Arguments.of(precision, model)));
  }

  /**
   * The minute-long clip would take most of the time. On the software device, with {@code
   * -Dcuda.all=true}, the properties {@code cuda.shortest} and {@code cuda.longest} bound the
   * frames, so that a run of hours can be made in parts.
   */
  private static List<String> wavs(String model) {
    return CudaEngineTest.everything()
        ? Golden.usableWavs(model).stream()
            .filter(
                wav -> {
                  int frames = Golden.features(wav).frames();
                  return Integer.getInteger("cuda.shortest", 1) <= frames
                      && frames <= Integer.getInteger("cuda.longest", 1000);
                })
            .toList()
        : List.of("speech_1s", "speech_0p3s");
  }

  /**
   * Every clip, alone and in company; and all of them together, where chance evens out: the mean
   * ratio of the errors is 0.7 to 0.95, and a kernel that cuts off where it should round raises it
   * above the bound.
   */
  @ParameterizedTest
  @MethodSource("reduced")
  void theErrorIsAtMostTwiceThatOfTheReference(
      Precision precision, String name, TestReporter reporter) throws IOException {
    CudaEngineTest.assumePresent(name);
    SpeakerModel model = SpeakerModel.load(Golden.model(name).resolve("model.ckpt"), null);
    List<String> wavs = wavs(name);
    List<Features> all = wavs.stream().map(Golden::features).toList();
    double worst = 1;
    double logarithms = 0;
    try (Engine engine = TestEngines.open(model, precision, 1);
        RoundedReference rounding = TestEngines.rounding(model, precision)) {
      List<float[]> together = engine.embedFeatures(all);
      for (int i = 0; i < wavs.size(); i++) {
        String wav = wavs.get(i);
        double[] expected = Golden.embedding(name, wav);
        float[] alone = engine.embedFeatures(List.of(all.get(i))).get(0);
        assertArrayEquals(alone, together.get(i), wav);
        double error = Golden.relativeL2(alone, expected);
        double reference = rounding.of(all.get(i), expected);
        double cosine = Golden.cosine(alone, expected);
        String line =
            "%s, %s, %s, %d frames: error %.2e, reference %.2e, cosine %.6f"
                .formatted(name, precision, wav, all.get(i).frames(), error, reference, cosine);
        if (error > TWICE * reference + FLOOR) {
          double copies = rounding.largestOfCopies(all.get(i));
          line += ", %.2e with copies".formatted(copies);
          assertTrue(error <= TWICE * copies + FLOOR, line);
        }
        reporter.publishEntry("clip", line);
        logarithms += Math.log((error + FLOOR) / (reference + FLOOR));
        worst = Math.min(worst, cosine);
      }
    }
    double ratio = Math.exp(logarithms / wavs.size());
    double cosine = worst;
    reporter.publishEntry(
        "model",
        "%s, %s, %d clips: mean ratio %.2f, worst cosine %.6f"
            .formatted(name, precision, wavs.size(), ratio, cosine));
    assertTrue(
        ratio <= MEAN_RATIO, () -> "%s, %s: mean ratio %.2f".formatted(name, precision, ratio));
    assertTrue(
        !name.equals("eres2net_base") || cosine >= BASE_COSINE,
        () -> "%s, %s: cosine %.6f < %s".formatted(name, precision, cosine, BASE_COSINE));
  }

  /** A map holds many errors, so that chance has no say: wherever one is too large, it shows. */
  @ParameterizedTest
  @MethodSource("reduced")
  void noStageErrsMuchMoreThanTheReference(Precision precision, String name, TestReporter reporter)
      throws IOException {
    CudaEngineTest.assumePresent(name);
    SpeakerModel model = SpeakerModel.load(Golden.model(name).resolve("model.ckpt"), null);
    Features features = features(model.graph());
    try (Engine engine = TestEngines.open(model, precision, 1);
        RoundedReference rounding = TestEngines.rounding(model, precision)) {
      for (String node : stages(model.graph())) {
        double[] expected = rounding.exact(features, node);
        double error = Golden.relativeL2(engine.activation(features, node), expected);
        double reference = rounding.of(features, node, expected);
        String line =
            "%s, %s, %s: error %.2e, reference %.2e"
                .formatted(name, precision, node, error, reference);
        reporter.publishEntry("stage", line);
        assertTrue(error <= MEAN_RATIO * reference + FLOOR, line);
      }
    }
  }

  /** About a dozen maps from the first to the last, and what is pooled. */
  private static List<String> stages(Graph graph) {
    List<Node> computed =
        graph.nodes().stream()
            .filter(node -> !(node instanceof Node.Input || node instanceof Node.Linear))
            .toList();
    int last = computed.size() - 1;
    return IntStream.rangeClosed(0, STAGES)
        .map(stage -> stage * last / STAGES)
        .distinct()
        .mapToObj(i -> computed.get(i).name())
        .toList();
  }

  /**
   * The features. The reference never rounds them; a network that lays them out anew before its
   * first layer has an engine store them as it stores all maps. Both then get what the format
   * holds, so that all that is compared is what the layers do.
   */
  private static Features features(Graph graph) {
    Features features = Golden.features("speech_0p3s");
    if (!(graph.nodes().get(1) instanceof Node.Flatten)) {
      return features;
    }
    float[] data = features.data().clone();
    for (int i = 0; i < data.length; i++) {
      float unit = Math.ulp(data[i]) * (1 << 13); // of 11 significant bits, in both formats
      data[i] = (float) Math.rint(data[i] / unit) * unit;
    }
    return new Features(features.frames(), features.bins(), data);
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
