package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** {@link Node.AttentivePooling}, in float32 whatever the format. */
final class AttentiveOperator implements Operator {
  private static final double VARIANCE_FLOOR = 1e-10;

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
    int columns = row.columns(node.input().map().timeStride());
    return hiddenBytes(columns)
        + AttentivePoolKernel.scratchBytes(node.input().map(), columns, units());
  }

  private int units() {
    return node.hiddenBias().extent(0);
  }

  private long hiddenBytes(int columns) {
    return DeviceMemory.align((long) Float.BYTES * columns * units());
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.input().map();
    View x = row.view(node.input());
    int columns = row.columns(map.timeStride());
    long hiddenColumns = row.scratch(node.output().id());
    launches.addAll(
        kernel.hidden(
            x,
            row.columnClip(map.timeStride()),
            new AttentivePoolKernel.HiddenWeights(hidden.address(), hiddenBias.address()),
            hiddenColumns + hiddenBytes(columns),
            hiddenColumns,
            map,
            columns,
            units()));
    launches.add(
        kernel.statistics(
            row.clips(),
            row.row().clips(),
            x,
            hiddenColumns,
            new AttentivePoolKernel.ScoreWeights(score.address(), scoreBias.address()),
            row.address(node.output()),
            map,
            columns,
            units(),
            VARIANCE_FLOOR));
  }
}
