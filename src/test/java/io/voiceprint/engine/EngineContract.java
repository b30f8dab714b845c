package io.voiceprint.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import io.voiceprint.graph.Node;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every engine must do, in float32: one short subclass per engine. */
public abstract class EngineContract {
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

  /** Whether the engine has every node; one that has not must refuse networks that need it. */
  protected boolean hasEveryNode() {
    return true;
  }

  private boolean takes(String wav) {
    return Golden.features(wav).frames() <= longestFrames();
  }

  private Engine open(SpeakerModel model) {
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
    if (hasEveryNode()) {
      embeddingsFromFeaturesAreThoseOfTheOriginal(model);
    } else {
      SpeakerModel refused = golden(model);
      assertThrows(UnsupportedNetworkException.class, () -> open(refused));
    }
  }

  @ParameterizedTest
  @MethodSource("temporalModels")
  void clipsThatAreTooShortForTemporalNetworksAreThoseOfTheOriginal(String model)
      throws IOException {
    assumeTrue(hasEveryNode(), "the engine does not have every node");
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
    assumeTrue(hasEveryNode(), "the engine does not have every node");
    stagesAreThoseOfTheOriginal(model);
  }

  @ParameterizedTest
  @MethodSource("models")
  void embeddingsFromFeaturesAreThoseOfTheOriginal(String model) throws IOException {
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
    List<String> usable = Golden.usableWavs(model);
    try (Engine engine = open(golden(model))) {
      for (Golden.Wav wav : Golden.wavs()) {
        // The minute-long clip is half the work of all others; its features are compared below.
        boolean long60 = wav.name().equals("long_60s") && model.equals("eres2net_base");
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

  @Test
  void anUtteranceGetsTheSameBitsInAnyCompany() throws IOException {
    Random random = new Random(11);
    SpeakerModel model = RandomModels.next(random);
    int[] frames = {9, 298, 64, 10, 101, 17, 16, 8 * 31 + 1};
    List<Features> utterances = new ArrayList<>();
    for (int t : frames) {
      utterances.add(features(t, random));
    }
    try (Engine engine = open(model)) {
      List<float[]> alone = new ArrayList<>();
      for (Features utterance : utterances) {
        alone.add(engine.embedFeatures(List.of(utterance)).get(0));
      }
      List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7));
      for (int round = 0; round < 4; round++) {
        Collections.shuffle(order, random);
        List<Integer> company = order.subList(0, 2 + 2 * round);
        List<float[]> together =
            engine.embedFeatures(company.stream().map(utterances::get).toList());
        for (int i = 0; i < company.size(); i++) {
          assertArrayEquals(
              alone.get(company.get(i)), together.get(i), "utterance " + company.get(i));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomNetworksAndLengthsMatchPlainDoubleArithmetic(int seed) throws IOException {
    Random random = new Random(seed);
    SpeakerModel model = RandomModels.next(random);
    int[] lengths = {
      9,
      10 + random.nextInt(40),
      50 + random.nextInt(200),
      seed == 1 ? Math.min(3000, longestFrames()) : 64
    };
    try (Engine engine = open(model)) {
      for (int frames : lengths) {
        Features features = features(frames, random);
        double[] expected = new DoubleNetwork(model.graph()).embed(features);
        double error = Golden.relativeL2(engine.embedFeatures(List.of(features)).get(0), expected);
        assertTrue(
            error <= 1e-4,
            () -> "%s, %d frames: relative L2 %.2e".formatted(model.architecture(), frames, error));
      }
    }
  }

  @Test
  void samplesGoThroughFeaturesToTheEmbedding() throws IOException {
    Random random = new Random(5);
    SpeakerModel model = RandomModels.next(random);
    float[] samples = new float[16000];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.3 * Math.sin(i * 0.05) + 0.1 * random.nextGaussian());
    }
    try (Engine engine = open(model)) {
      Features features = engine.features(samples);
      assertArrayEquals(
          engine.embedFeatures(List.of(features)).get(0), engine.embed(List.of(samples)).get(0));
      for (int m = 0; m < features.bins(); m++) {
        double sum = 0;
        for (int t = 0; t < features.frames(); t++) {
          sum += features.data()[t * features.bins() + m];
        }
        assertTrue(
            Math.abs(sum / features.frames()) < 1e-5,
            "bin " + m + " has mean " + sum / features.frames());
      }
    }
  }

  @Test
  void aClosedEngineRefusesWork() throws IOException {
    SpeakerModel model = RandomModels.next(new Random(3));
    Engine engine = open(model);
    engine.close();
    engine.close();
    Features features = features(20, new Random(3));
    assertThrows(IllegalStateException.class, () -> engine.embedFeatures(List.of(features)));
  }

  @Test
  void timingTheNodesChangesNoResult() throws IOException {
    SpeakerModel model = RandomModels.next(new Random(23));
    Features features = features(61, new Random(24));
    try (Engine engine = open(model)) {
      float[] before = engine.embedFeatures(List.of(features)).get(0);
      long[] nanos = engine.nodeNanos(features);
      assertEquals(model.graph().nodes().size(), nanos.length);
      for (Node node : model.graph().nodes()) {
        long time = nanos[node.output().id()];
        assertTrue(time >= 0, node.name());
        assertTrue(time > 0 || !(node instanceof Node.Linear), node.name() + " was not timed");
      }
      assertArrayEquals(before, engine.embedFeatures(List.of(features)).get(0));
    }
  }

  @Test
  void rowsAreAtLeastAsLongAsWhatIsInThem() throws IOException {
    try (Engine engine = open(RandomModels.next(new Random(3)))) {
      Rows rows = engine.rows();
      assertTrue(rows.maxUtterances() >= 1);
      for (int frames = engine.minFrames(); frames < 1_000; frames++) {
        int columns = rows.columns(frames);
        assertTrue(columns >= frames, frames + " frames in " + columns + " columns");
        assertTrue(rows.computed(columns) >= columns);
      }
      assertTrue(engine.lanes() >= 1);
      assertFalse(engine.isBroken());
    }
  }

  @Test
  void anUnknownNodeIsNamed() throws IOException {
    SpeakerModel model = RandomModels.next(new Random(3));
    try (Engine engine = open(model)) {
      Features features = features(20, new Random(3));
      var thrown =
          assertThrows(
              IllegalArgumentException.class, () -> engine.activation(features, "nowhere"));
      assertTrue(thrown.getMessage().contains("nowhere"), thrown.getMessage());
    }
  }

  @Test
  void everyNodeOfARandomNetworkMatchesPlainDoubleArithmetic() throws IOException {
    Random random = new Random(77);
    SpeakerModel model = RandomModels.next(random);
    Features features = features(43, random);
    List<double[]> expected = new DoubleNetwork(model.graph()).values(features);
    try (Engine engine = open(model)) {
      for (Node node : model.graph().nodes()) {
        double error =
            Golden.relativeL2(
                engine.activation(features, node.name()), expected.get(node.output().id()));
        assertTrue(error <= 1e-4, () -> "%s: relative L2 %.2e".formatted(node.name(), error));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void everyNodeOfARandomTemporalNetworkMatchesPlainDoubleArithmetic(int seed) {
    Random random = new Random(seed);
    Graph graph = RandomGraphs.temporal(random);
    if (!hasEveryNode()) {
      assertThrows(UnsupportedNetworkException.class, () -> open(graph, FbankOptions.speaker(80)));
      return;
    }
    int[] lengths = {graph.minFrames(), 10 + random.nextInt(30), 60 + random.nextInt(300)};
    try (Engine engine = open(graph, FbankOptions.speaker(80))) {
      for (int frames : lengths) {
        Features features = features(frames, random);
        List<double[]> expected = new DoubleNetwork(graph).values(features);
        for (Node node : graph.nodes()) {
          double error =
              Golden.relativeL2(
                  engine.activation(features, node.name()), expected.get(node.output().id()));
          assertTrue(
              error <= 1e-4,
              () -> "%s, %d frames: relative L2 %.2e".formatted(node.name(), frames, error));
        }
      }
    }
  }

  @Test
  void temporalNetworksGiveTheSameBitsInAnyCompany() {
    assumeTrue(hasEveryNode(), "the engine does not have every node");
    Random random = new Random(12);
    for (int network = 0; network < 4; network++) {
      Graph graph = RandomGraphs.temporal(random);
      List<Features> utterances = new ArrayList<>();
      for (int frames : new int[] {graph.minFrames(), 298, 64, 17, 201, 9, 100}) {
        utterances.add(features(Math.max(frames, graph.minFrames()), random));
      }
      try (Engine engine = open(graph, FbankOptions.speaker(80))) {
        List<float[]> together = engine.embedFeatures(utterances);
        for (int i = 0; i < utterances.size(); i++) {
          float[] alone = engine.embedFeatures(List.of(utterances.get(i))).get(0);
          assertArrayEquals(alone, together.get(i), "utterance " + i);
        }
      }
    }
  }

  private static Features features(int frames, Random random) {
    float[] data = new float[frames * 80];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) (3 * random.nextGaussian());
    }
    return new Features(frames, 80, data);
  }
}
