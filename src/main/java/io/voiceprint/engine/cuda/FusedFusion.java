package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** {@link Node.AttentionalFusion} in one kernel: best where channels are few. */
final class FusedFusion implements Operator {
  private final Node.AttentionalFusion node;
  private final AffKernel kernel;
  private final WeightStore.Slot squeeze;
  private final WeightStore.Slot squeezeBias;
  private final WeightStore.Slot expand;
  private final WeightStore.Slot expandBias;

  FusedFusion(
      Node.AttentionalFusion node, AffKernel kernel, ChannelLayout layout, WeightStore weights) {
    this.node = node;
    this.kernel = kernel;
    this.squeeze = weights.floats(WeightPacking.squeeze(node.squeezeWeight(), layout));
    this.squeezeBias = weights.floats(node.squeezeBias().data());
    this.expand = weights.floats(WeightPacking.expand(node.expandWeight(), layout));
    this.expandBias = weights.floats(WeightPacking.vector(node.expandBias(), layout));
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.output().map();
    launches.add(
        kernel.fused(
            row.view(node.x()),
            row.view(node.y()),
            row.view(node.output()),
            new AffKernel.Weights(
                squeeze.address(), squeezeBias.address(), expand.address(), expandBias.address()),
            row.columnClip(map.timeStride()),
            map.frequency(),
            row.columns(map.timeStride()),
            row.width(node.output()),
            node.innerChannels()));
  }
}
