package io.voiceprint.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.golden.Golden;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every engine must do, in float32: one short subclass per engine. Networks are random, and
 * held to plain double arithmetic; {@link GoldenContract} has those of the original.
 */
public abstract class EngineContract extends GoldenContract {
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
