package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** {@link Node.ChannelAffine}. */
final class AffineOperator implements Operator {
  private final Node.ChannelAffine node;
  private final EpilogueKernel kernel;
  private final WeightStore.Slot scale;
  private final WeightStore.Slot shift;

  AffineOperator(
      Node.ChannelAffine node, EpilogueKernel kernel, ChannelLayout layout, WeightStore weights) {
    this.node = node;
    this.kernel = kernel;
    scale = weights.floats(WeightPacking.vector(node.scale(), layout));
    shift = weights.floats(WeightPacking.vector(node.shift(), layout));
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.output().map();
    launches.add(
        kernel.affine(
            row.view(node.input()),
            scale.address(),
            shift.address(),
            row.columnClip(map.timeStride()),
            row.view(node.output()),
            map.frequency(),
            row.columns(map.timeStride()),
            row.width(node.output()),
            node.activation()));
  }
}
