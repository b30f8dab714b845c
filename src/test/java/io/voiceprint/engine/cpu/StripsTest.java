package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Activation;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.GraphBuilder;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Statistics;
import io.voiceprint.graph.Tensor;
import io.voiceprint.graph.Value;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Strips along time cannot be seen in any value, whatever network, length and strip. */
class StripsTest {
  private static final int MAX_FRAMES = 900;

  /** The same network computed in one piece, and in strips of random length. */
  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void noBitDependsOnStrips(Precision precision) {
    OneDnnAvailable.assume(precision);
    DataType type = DataType.of(precision);
    Random random = new Random(61);
    int stripped = 0;
    int behindShortStrip = 0;
    for (int network = 0; network < 12; network++) {
      SpeakerModel model = RandomModels.next(random);
      List<Head> heads = heads(model.graph(), type);
      Head head = heads.get(random.nextInt(heads.size()));
      long stripBytes = (long) (head.frameBytes() * (8 * head.halo() + random.nextInt(60)));
      try (Engine whole = open(model, precision, Long.MAX_VALUE);
          Engine inStrips = open(model, precision, stripBytes)) {
        for (int round = 0; round < 8; round++) {
          int frames = 100 + random.nextInt(MAX_FRAMES - 100);
          Strips strips = strips(model.graph(), heads, frames, stripBytes);
          stripped += strips.count() > 1 ? 1 : 0;
          int rest = frames % strips.step();
          behindShortStrip += strips.count() > 1 && rest > 0 && rest < 16 ? 1 : 0;
          String context = "%s, %d frames, %s".formatted(model.architecture(), frames, strips);
          Features utterance = features(frames, random);
          assertArrayEquals(
              whole.embedFeatures(List.of(utterance)).get(0),
              inStrips.embedFeatures(List.of(utterance)).get(0),
              context);
          String node = behind(model.graph(), strips, random).name();
          assertArrayEquals(
              whole.activation(utterance, node),
              inStrips.activation(utterance, node),
              node + ", " + context);
        }
      }
    }
    assertTrue(stripped >= 48, "only %d of 96 ran in strips".formatted(stripped));
    assertTrue(behindShortStrip >= 3, "utterances ending right behind a seam: " + behindShortStrip);
  }

  /** A node of the head is asked for in one piece, the others are computed behind strips. */
  private static Node behind(Graph graph, Strips strips, Random random) {
    List<Node> nodes = graph.nodes();
    int first = strips.count() > 1 && random.nextInt(4) > 0 ? strips.lastNode() + 1 : 1;
    return nodes.get(first + random.nextInt(nodes.size() - first));
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void nothingOfAnUtteranceReachesTheNext(Precision precision) {
    OneDnnAvailable.assume(precision);
    Random random = new Random(67);
    for (int network = 0; network < 4; network++) {
      SpeakerModel model = RandomModels.next(random);
      Head head = heads(model.graph(), DataType.of(precision)).get(0);
      long stripBytes = (long) (head.frameBytes() * 60);
      try (Engine whole = open(model, precision, Long.MAX_VALUE);
          Engine inStrips = open(model, precision, stripBytes)) {
        for (int frames = 761; frames <= 768; frames++) {
          float[] notNumbers = new float[768 * 80];
          Arrays.fill(notNumbers, Float.NaN);
          inStrips.embedFeatures(List.of(new Features(768, 80, notNumbers)));
          Features utterance = features(frames, random);
          assertArrayEquals(
              whole.embedFeatures(List.of(utterance)).get(0),
              inStrips.embedFeatures(List.of(utterance)).get(0),
              "frames " + frames);
        }
      }
    }
  }

  @Test
  void stripsCoverTheUtteranceAndOverlapByTheHalo() {
    Random random = new Random(71);
    for (int network = 0; network < 20; network++) {
      Graph graph = RandomModels.next(random).graph();
      List<Head> heads = heads(graph, DataType.FP32);
      for (int round = 0; round < 50; round++) {
        int frames = Session.bucket(1 + random.nextInt(5000));
        long mapBytes = 1L + random.nextInt(8 << 20);
        Strips strips = strips(graph, heads, frames, mapBytes);
        assertEquals(frames, (strips.count() - 1) * strips.step() + strips.frames());
        if (strips.count() == 1) {
          assertEquals(graph.nodes().size() - 1, strips.lastNode());
          continue;
        }
        Head head = head(heads, strips);
        assertTrue(strips.frames() - strips.step() >= head.halo(), strips + ", " + head);
        assertEquals(0, strips.step() % head.timeStride(), strips + ", " + head);
        assertTrue(
            head.frameBytes() * strips.frames() <= mapBytes,
            () -> "%s of %s do not fit into %d bytes".formatted(strips, head, mapBytes));
      }
    }
  }

  private static Head head(List<Head> heads, Strips strips) {
    return heads.stream().filter(h -> h.lastNode() == strips.lastNode()).findFirst().orElseThrow();
  }

  /** A kernel of 3 rows loses one row at a strip's end, and hands one on at its beginning. */
  @Test
  void theHaloIsTheReachOfTheKernels() {
    GraphBuilder builder = new GraphBuilder(8);
    Value a = conv(builder, "a", builder.input(), 3, 1); // loses 1, hands on 1
    Value b = conv(builder, "b", a, 1, 1);
    Value c = conv(builder, "c", b, 3, 2); // loses 1 more, hands on one row of two frames
    Value d = conv(builder, "d", c, 5, 1); // loses two rows of two frames, hands on as many
    builder.pool("pool", d, Statistics.MEAN, Node.StatisticsPooling.TSTP_EPSILON);
    Graph graph = builder.build();
    List<Head> heads = heads(graph, DataType.FP32);
    assertEquals(List.of(1, 2, 3, 4), heads.stream().map(Head::lastNode).toList());
    assertEquals(List.of(2, 2, 4, 10), heads.stream().map(Head::halo).toList());
    assertEquals(List.of(1, 1, 2, 2), heads.stream().map(Head::timeStride).toList());
  }

  private static Value conv(
      GraphBuilder builder, String name, Value input, int kernelT, int stride) {
    int in = input.map().channels();
    Tensor weight = Tensor.of(new float[16 * in * kernelT], 16, in, 1, kernelT);
    Tensor bias = Tensor.of(new float[16], 16);
    return builder.conv(name, input, weight, bias, stride, Activation.NONE);
  }

  private static Engine open(SpeakerModel model, Precision precision, long stripBytes) {
    return new CpuEngine(model.graph(), model.frontEnd(), precision, 2, 1, stripBytes);
  }

  private static List<Head> heads(Graph graph, DataType type) {
    return Head.of(graph, new Placement(graph, Layout.preferred(type)), type);
  }

  private static Strips strips(Graph graph, List<Head> heads, int frames, long stripBytes) {
    return Strips.choose(heads, graph.nodes().size(), Session.bucket(frames), stripBytes);
  }

  private static Features features(int frames, Random random) {
    float[] data = new float[frames * 80];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) (3 * random.nextGaussian());
    }
    return new Features(frames, 80, data);
  }
}
