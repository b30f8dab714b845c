package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** {@link Node.AttentionalFusion} in one kernel. */
final class FusedFusion implements Operator {
  private final Node.AttentionalFusion node;
  private final Kernel kernel;
  private final int inner;
  private final GateSlots weights;

  private interface Kernel {
    Launch fused(AffCall call, GateSlots.Addresses weights);
  }

  private FusedFusion(
      Node.AttentionalFusion node, Kernel kernel, GateWeights constants, GateSlots weights) {
    this.node = node;
    this.kernel = kernel;
    this.inner = constants.inner();
    this.weights = weights;
  }

  /** One multiply-add at a time: best where channels are few. */
  static FusedFusion plain(
      Node.AttentionalFusion node, AffKernel kernel, ChannelLayout layout, WeightStore weights) {
    GateWeights constants = GateWeights.of(node, layout, node.innerChannels());
    return new FusedFusion(
        node,
        kernel::fused,
        constants,
        GateSlots.of(node.name(), constants, weights, MathMode.FP32));
  }

  /** On tensor cores. */
  static FusedFusion onTensorCores(
      Node.AttentionalFusion node, KernelSet kernels, ChannelLayout layout, WeightStore weights) {
    GateWeights constants =
        GateWeights.of(node, layout, AffMmaKernel.inner(node.innerChannels()))
            .inFragments(kernels.mode());
    return new FusedFusion(
        node,
        kernels.affMma::fused,
        constants,
        GateSlots.of(node.name(), constants, weights, kernels.mode()));
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.output().map();
    launches.add(
        kernel.fused(
            new AffCall(
                row.view(node.x()),
                row.view(node.y()),
                row.view(node.output()),
                row.columnClip(map.timeStride()),
                map.frequency(),
                row.columns(map.timeStride()),
                row.width(node.output()),
                inner),
            weights.addresses()));
  }
}
