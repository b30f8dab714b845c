package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** {@link Node.AttentivePooling}, in float32 whatever the format. */
final class AttentiveOperator implements Operator {
  private final Node.AttentivePooling node;
  private final AttentivePoolKernel kernel;
  private final WeightStore.Slot hidden;
  private final WeightStore.Slot hiddenBias;
  private final WeightStore.Slot score;
  private final WeightStore.Slot scoreBias;

  AttentiveOperator(Node.AttentivePooling node, AttentivePoolKernel kernel, WeightStore weights) {
    int units = node.hiddenBias().extent(0);
    if (units > AttentivePoolKernel.MAX_HIDDEN
        || units % AttentivePoolKernel.HIDDEN_MULTIPLE != 0) {
      throw new IllegalArgumentException(
          "%s: %d hidden units, but the CUDA engine takes multiples of %d up to %d"
              .formatted(
                  node.name(),
                  units,
                  AttentivePoolKernel.HIDDEN_MULTIPLE,
                  AttentivePoolKernel.MAX_HIDDEN));
    }
    this.node = node;
    this.kernel = kernel;
    FeatureMap map = node.input().map();
    int channels = map.channels();
    int rows = map.frequency();
    hidden = weights.floats(WeightPacking.attentiveHidden(node.hiddenWeight(), channels, rows));
    hiddenBias = weights.floats(node.hiddenBias().data());
    score = weights.floats(WeightPacking.attentiveScore(node.scoreWeight(), channels, rows));
    scoreBias = weights.floats(WeightPacking.attentiveBias(node.scoreBias(), channels, rows));
  }

  @Override
  public long scratchBytes(RowSize row) {
    FeatureMap map = node.input().map();
    return AttentivePoolKernel.scratchBytes(
        map, row.columns(map.timeStride()), node.hiddenBias().extent(0));
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.input().map();
    launches.addAll(
        kernel.launches(
            row.clips(),
            row.row().clips(),
            row.view(node.input()),
            row.columnClip(map.timeStride()),
            row.scratch(node.output().id()),
            row.address(node.output()),
            new AttentivePoolKernel.Weights(
                hidden.address(), hiddenBias.address(), score.address(), scoreBias.address()),
            map,
            row.columns(map.timeStride()),
            node.hiddenBias().extent(0)));
  }
}
