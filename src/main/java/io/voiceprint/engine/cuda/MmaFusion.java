package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** {@link Node.AttentionalFusion} in one tensor-core kernel. */
final class MmaFusion implements Operator {
  private final Node.AttentionalFusion node;
  private final AffMmaKernel kernel;
  private final int inner;
  private final WeightStore.Slot squeeze;
  private final WeightStore.Slot squeezeBias;
  private final WeightStore.Slot expand;
  private final WeightStore.Slot expandBias;

  MmaFusion(
      Node.AttentionalFusion node, KernelSet kernels, ChannelLayout layout, WeightStore weights) {
    this.node = node;
    this.kernel = kernels.affMma;
    this.inner = AffMmaKernel.inner(node.innerChannels());
    GateWeights constants = GateWeights.of(node, layout).inFragments(kernels.mode());
    this.squeeze = weights.operands(node.name(), constants.squeeze(), kernels.mode());
    this.squeezeBias = weights.floats(constants.squeezeBias());
    this.expand = weights.operands(node.name(), constants.expand(), kernels.mode());
    this.expandBias = weights.floats(constants.expandBias());
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.output().map();
    launches.add(
        kernel.launch(
            row.view(node.x()),
            row.view(node.y()),
            row.view(node.output()),
            new AffMmaKernel.Weights(
                squeeze.address(), squeezeBias.address(), expand.address(), expandBias.address()),
            row.columnClip(map.timeStride()),
            map.frequency(),
            row.columns(map.timeStride()),
            row.width(node.output()),
            inner));
  }
}
