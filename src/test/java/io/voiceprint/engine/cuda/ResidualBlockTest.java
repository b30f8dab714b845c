package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.graph.Activation;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.GraphBuilder;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Statistics;
import io.voiceprint.graph.Tensor;
import io.voiceprint.graph.Value;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResidualBlockTest {

  /** ERes2Net fuses the parts of its last two stages, nine blocks, by attention. */
  @ParameterizedTest
  @CsvSource({"ERES2NET, 2, 9, 2", "ERES2NETV2, 3, 9, 3", "RES2NET, 4, 0, 3"})
  void theBlocksOfTheFamilyAreFound(Family family, int parts, int gated, int convolutions) {
    Graph graph =
        SpeakerModel.seeded(
                new Res2NetArchitecture(
                    family, 80, 8, List.of(3, 4, 6, 3), 64, parts, 2, Pooling.TSTP, 8, false),
                1)
            .graph();
    List<ResidualBlock> found = ResidualBlock.of(graph);
    assertEquals(16, found.size());
    assertEquals(gated, found.stream().filter(block -> !block.gates().isEmpty()).count());
    for (ResidualBlock block : found) {
      assertEquals(parts, block.parts());
      assertEquals(convolutions, block.chain().size());
      assertTrue(block.steps().contains(block.last()));
      assertTrue(block.steps().stream().allMatch(step -> step <= block.last()));
      assertEquals(block.project() == null, block.expand().residual().id() == block.input().id());
    }
  }

  private static Tensor tensor(int... shape) {
    int size = 1;
    for (int extent : shape) {
      size *= extent;
    }
    return Tensor.of(new float[size], shape);
  }

  private static Value conv(GraphBuilder graph, String name, Value x, int out, int kernel) {
    int in = x.map().channels();
    return graph.conv(name, x, tensor(out, in, kernel, kernel), tensor(out), 1, Activation.RELU20);
  }

  /** A block of two parts; what is pooled says which of its values is read outside. */
  private static Graph block(boolean innerIsPooled) {
    GraphBuilder graph = new GraphBuilder(8);
    Value stem = conv(graph, "stem", graph.input(), 16, 3);
    Value split = conv(graph, "reduce", stem, 16, 1);
    Value first = conv(graph, "first", graph.slice("split.0", split, 0, 8), 8, 3);
    Value sum = graph.add("sum", first, graph.slice("split.1", split, 8, 8));
    Value joined = graph.concat("joined", List.of(first, conv(graph, "second", sum, 8, 3)));
    Value out =
        graph.conv("expand", joined, stem, tensor(16, 16, 1, 1), tensor(16), 1, Activation.RELU20);
    Value last =
        innerIsPooled ? graph.concat("both", List.of(out, joined)) : conv(graph, "next", out, 8, 1);
    Value pooled = graph.pool("pool", last, Statistics.MEAN, Node.StatisticsPooling.TSTP_EPSILON);
    graph.linear(
        "embedding", pooled, tensor(4, pooled.vector().size()), tensor(4), Activation.NONE);
    return graph.build();
  }

  @Test
  void aBlockWhoseInsideIsReadElsewhereIsNone() {
    assertEquals(1, ResidualBlock.of(block(false)).size());
    assertEquals(0, ResidualBlock.of(block(true)).size());
  }
}
