package io.voiceprint.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.audio.AudioReader;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.SampleArray;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.golden.Golden;
import io.voiceprint.golden.Npy;
import io.voiceprint.graph.Graph;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In float32 every engine gives what the original PyTorch code gave. */
abstract class GoldenContract {
  /** Modules that other layers take up, so that no node has their output. */
  private static final List<String> FOLDED = List.of("seg_bn_1", "asp_bn", "xvector.transit3");

  /** An engine in float32. */
  protected abstract Engine open(Graph graph, FbankOptions frontEnd);

  /**
   * Most frames of a clip that the engine is given; longer ones are left out where computing them
   * here takes too long.
   */
  protected int longestFrames() {
    return Integer.MAX_VALUE;
  }

  /** Skips the test, saying why, if the engine is not to be tested with a model here. */
  protected void need(String model) {}

  private boolean takes(String wav) {
    return Golden.features(wav).frames() <= longestFrames();
  }

  final Engine open(SpeakerModel model) {
    return open(model.graph(), model.frontEnd());
  }

  static List<String> models() {
    return Golden.RES2NET_FAMILY;
  }

  /** Models for whose stages there is reference data. */
  protected static List<String> staged() {
    return Golden.RES2NET_FAMILY.stream()
        .filter(model -> Files.isDirectory(Golden.model(model).resolve("activations")))
        .toList();
  }

  private static SpeakerModel golden(String model) throws IOException {
    return SpeakerModel.load(Golden.model(model).resolve("model.ckpt"), null);
  }

  static List<String> temporalModels() {
    return Golden.TEMPORAL;
  }

  @ParameterizedTest
  @MethodSource("temporalModels")
  void embeddingsOfTemporalNetworksAreThoseOfTheOriginal(String model) throws IOException {
    embeddingsFromFeaturesAreThoseOfTheOriginal(model);
  }

  @ParameterizedTest
  @MethodSource("temporalModels")
  void clipsThatAreTooShortForTemporalNetworksAreThoseOfTheOriginal(String model)
      throws IOException {
    need(model);
    try (Engine engine = open(golden(model))) {
      for (String wav : Golden.usableWavs(model)) {
        assertTrue(Golden.features(wav).frames() >= engine.minFrames(), wav);
      }
      for (String wav : Golden.unusableWavs(model)) {
        assertTrue(Golden.features(wav).frames() < engine.minFrames(), wav);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("temporalModels")
  void stagesOfTemporalNetworksAreThoseOfTheOriginal(String model) throws IOException {
    stagesAreThoseOfTheOriginal(model);
  }

  @ParameterizedTest
  @MethodSource("models")
  void embeddingsFromFeaturesAreThoseOfTheOriginal(String model) throws IOException {
    need(model);
    double bound = Golden.bound(model);
    try (Engine engine = open(golden(model))) {
      for (String wav : Golden.usableWavs(model)) {
        if (!takes(wav)) {
          continue;
        }
        float[] embedding = engine.embedFeatures(List.of(Golden.features(wav))).get(0);
        double[] expected = Golden.embedding(model, wav);
        double error = Golden.relativeL2(embedding, expected);
        assertTrue(
            error <= bound,
            () -> "%s, %s: relative L2 %.2e > %.2e".formatted(model, wav, error, bound));
        double cosine = Golden.cosine(embedding, expected);
        assertTrue(cosine >= 0.99999, () -> "%s, %s: cosine %.7f".formatted(model, wav, cosine));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void embeddingsFromWavFilesAreThoseOfTheOriginal(String model) throws IOException {
    need(model);
    List<String> usable = Golden.usableWavs(model);
    try (Engine engine = open(golden(model))) {
      for (Golden.Wav wav : Golden.wavs()) {
        // The minute-long clip is half the work of all others; its features are compared below.
        boolean long60 =
            wav.name().equals("long_60s")
                && (model.equals("eres2net_base") || Golden.TEMPORAL.contains(model));
        if (wav.sampleRate() != 16000
            || !usable.contains(wav.name())
            || long60
            || !takes(wav.name())) {
          continue;
        }
        float[] embedding = engine.embed(List.of(samples(wav))).get(0);
        double[] expected = Golden.embedding(model, wav.name());
        double error = Golden.relativeL2(embedding, expected);
        assertTrue(
            error <= 5e-4, () -> "%s, %s: relative L2 %.2e".formatted(model, wav.name(), error));
        double cosine = Golden.cosine(embedding, expected);
        assertTrue(
            cosine >= 0.99999, () -> "%s, %s: cosine %.7f".formatted(model, wav.name(), cosine));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("temporalModels")
  void embeddingsOfTemporalNetworksFromWavFilesAreThoseOfTheOriginal(String model)
      throws IOException {
    embeddingsFromWavFilesAreThoseOfTheOriginal(model);
  }

  private static float[] samples(Golden.Wav wav) throws IOException {
    return new AudioReader().read(wav.file()).resampled(16000).audio().samples();
  }

  /** Files of 16 bits keep them on the way here. Alone, together, and beside floats. */
  @Test
  void sixteenBitSamplesGiveTheBitsOfFloats() throws IOException {
    List<PcmAudio> integers = new ArrayList<>();
    for (Golden.Wav wav : Golden.wavs()) {
      PcmAudio audio = new AudioReader().read(wav.file()).audio();
      if (audio.sampleRate() == 16000
          && audio.array() instanceof SampleArray.Int16
          && Golden.usableWavs("eres2net_micro").contains(wav.name())
          && takes(wav.name())
          && audio.seconds() < 20) {
        integers.add(audio);
      }
    }
    assertTrue(integers.size() >= 3, integers.size() + " clips");
    try (Engine engine = open(golden("eres2net_micro"))) {
      List<float[]> expected =
          engine.embed(integers.stream().map(audio -> audio.samples()).toList());
      List<float[]> together = engine.embedAudio(integers);
      PcmAudio first = integers.get(0);
      PcmAudio second = integers.get(1);
      List<float[]> mixed =
          engine.embedAudio(List.of(first, new PcmAudio(second.samples(), second.sampleRate())));
      for (int i = 0; i < integers.size(); i++) {
        float[] alone = engine.embedAudio(List.of(integers.get(i))).get(0);
        assertArrayEquals(expected.get(i), alone, "clip " + i);
        assertArrayEquals(expected.get(i), together.get(i), "clip " + i + " in company");
      }
      assertArrayEquals(expected.get(0), mixed.get(0));
      assertArrayEquals(expected.get(1), mixed.get(1));
    }
  }

  @Test
  void featuresAreThoseOfTheOriginal() throws IOException {
    try (Engine engine = open(golden("eres2net_micro"))) {
      for (Golden.Wav wav : Golden.wavs()) {
        if (wav.sampleRate() == 16000 && takes(wav.name())) {
          Features expected = Golden.features(wav.name());
          Features actual = engine.features(samples(wav));
          assertEquals(expected.frames(), actual.frames(), wav.name());
          double sum = 0;
          for (int i = 0; i < expected.data().length; i++) {
            double error = Math.abs(actual.data()[i] - expected.data()[i]);
            assertTrue(error <= 1e-3, () -> "%s: error %.1e".formatted(wav.name(), error));
            sum += error;
          }
          double mean = sum / expected.data().length;
          assertTrue(mean <= 2e-6, () -> "%s: mean error %.1e".formatted(wav.name(), mean));
        }
      }
    }
  }

  /** Our resampler is another design than the original's sox, so only the direction can agree. */
  @ParameterizedTest
  @ValueSource(strings = {"fmt_8k", "fmt_44k1_stereo"})
  void resampledClipsPointTheSameWay(String name, TestReporter reporter) throws IOException {
    assumeTrue(takes(name), "computing " + name + " takes too long here");
    List<String> models = List.of("eres2net_tiny", "eres2netv2_tiny", "res2net_tiny");
    // A copy of the reference data for a machine with a GPU has one model of each network.
    for (String model : models.stream().filter(Golden::has).toList()) {
      Golden.Wav wav = Golden.wavs().stream().filter(w -> w.name().equals(name)).findFirst().get();
      try (Engine engine = open(golden(model))) {
        float[] embedding = engine.embed(List.of(samples(wav))).get(0);
        double cosine = Golden.cosine(embedding, Golden.embedding(model, name));
        reporter.publishEntry("cosine of %s, %s".formatted(model, name), "%.6f".formatted(cosine));
        assertTrue(cosine >= 0.9, () -> "%s, %s: cosine %.6f".formatted(model, name, cosine));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("staged")
  void stagesAreThoseOfTheOriginal(String name) throws IOException {
    need(name);
    Path activations = Golden.model(name).resolve("activations");
    double bound = Golden.bound(name);
    SpeakerModel model = golden(name);
    Features features = Golden.features("speech_1s");
    try (Engine engine = open(model);
        Stream<Path> files = Files.list(activations)) {
      for (Path file : files.sorted().toList()) {
        String module = file.getFileName().toString().replace(".npy", "");
        if (module.endsWith(".conv3") || FOLDED.contains(module)) {
          continue; // Folded into the block's output and the last layer: no value of their own.
        }
        double[] expected = expectedOfNode(model, module, Npy.read(file));
        double error =
            Golden.relativeL2(engine.activation(features, nodeOf(model, module)), expected);
        assertTrue(
            error <= bound,
            () -> "%s, %s: relative L2 %.2e > %.2e".formatted(name, module, error, bound));
      }
    }
  }

  /**
   * Nodes carry the names of the original's modules; a stage is its last block, the embedding the
   * last layer.
   */
  private static String nodeOf(SpeakerModel model, String module) {
    if (module.equals("embedding")) {
      return model.graph().output().name();
    }
    if (module.matches("layer[1-4]")) {
      int stage = module.charAt(5) - '0';
      return module + "." + (RandomModels.res2net(model).blocks().get(stage - 1) - 1);
    }
    return module;
  }

  /** Applies to a module's output what the node of that name computes beyond it. */
  private static double[] expectedOfNode(SpeakerModel model, String module, Npy output)
      throws IOException {
    double[] expected = output.data().clone();
    if (module.endsWith(".conv1")) {
      StateDict dict = StateDict.open(model.source());
      String norm = module.replace(".conv1", ".bn1");
      float[] gamma = dict.tensor(norm + ".weight").readFloats();
      float[] beta = dict.tensor(norm + ".bias").readFloats();
      float[] mean = dict.tensor(norm + ".running_mean").readFloats();
      float[] variance = dict.tensor(norm + ".running_var").readFloats();
      int pixels = expected.length / gamma.length;
      for (int i = 0; i < expected.length; i++) {
        int c = i / pixels;
        double normed =
            (expected[i] - mean[c]) / Math.sqrt(variance[c] + 1e-5) * gamma[c] + beta[c];
        expected[i] = Math.min(Math.max(normed, 0), 20);
      }
    } else if (module.equals("seg_1") && RandomModels.res2net(model).twoEmbeddingLayers()) {
      for (int i = 0; i < expected.length; i++) {
        expected[i] = Math.max(expected[i], 0);
      }
    }
    return expected;
  }
}
