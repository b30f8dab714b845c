package io.voiceprint.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.voiceprint.bench.SeededNetwork;
import io.voiceprint.graph.Outline.Stage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OutlineTest {
  @Test
  void cnnStagesAndTheirFusionsAreOneBoxEach() {
    Outline outline = Outline.of(SeededNetwork.ERES2NET_MICRO.build().graph());
    assertEquals(
        List.of(
            "features",
            "stem",
            "layer1",
            "layer2",
            "layer1_downsample",
            "fuse_mode12",
            "layer3",
            "layer2_downsample",
            "fuse_mode123",
            "layer4",
            "layer3_downsample",
            "fuse_mode1234",
            "pool",
            "seg_1"),
        outline.stages().stream().map(Stage::name).toList());
    Stage fusion = outline.stages().get(5);
    assertEquals(List.of(3, 4), fusion.sources());
    assertEquals("fusion", fusion.content());
  }

  @Test
  void denseBlocksCountTheirLayers() {
    Outline outline = Outline.of(SeededNetwork.CAM_PLUS_PLUS.build().graph());
    Stage block =
        outline.stages().stream()
            .filter(stage -> stage.name().equals("xvector.block1"))
            .findFirst()
            .orElseThrow();
    assertEquals("12 blocks: 12 norm, 12 conv 1, 12 conv 3, 12 context mask", block.content());
    assertEquals("512 × 1 × T/2", block.shapeText());
  }

  @ParameterizedTest
  @EnumSource(
      value = SeededNetwork.class,
      names = {"ECAPA_TDNN", "CAM_PLUS_PLUS", "ERES2NET_MICRO"})
  void everyWeightBelongsToAStageAndSourcesComeBefore(SeededNetwork network) {
    Graph graph = network.build().graph();
    List<Stage> stages = Outline.of(graph).stages();
    long weights = graph.nodes().stream().mapToLong(GraphCost::weights).sum();
    assertEquals(weights, stages.stream().mapToLong(Stage::weights).sum());
    for (int i = 0; i < stages.size(); i++) {
      int position = i;
      assertEquals(
          List.of(),
          stages.get(i).sources().stream().filter(source -> source >= position).toList());
    }
  }
}
