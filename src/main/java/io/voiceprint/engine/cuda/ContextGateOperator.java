package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Tensor;
import java.util.List;

/** {@link Node.ContextGate}; averages and gates in float32 whatever the format. */
final class ContextGateOperator implements Operator {
  private final Node.ContextGate node;
  private final ContextGateKernel kernel;
  private final ContextGateKernel.Extents extents;
  private final WeightStore.Slot squeeze;
  private final WeightStore.Slot squeezeBias;
  private final WeightStore.Slot expand;
  private final WeightStore.Slot expandBias;

  ContextGateOperator(
      Node.ContextGate node, ContextGateKernel kernel, ValueStorage storage, WeightStore weights) {
    this.node = node;
    this.kernel = kernel;
    ChannelLayout context = storage.layout(node.context());
    ChannelLayout gated = storage.layout(node.output());
    extents =
        new ContextGateKernel.Extents(
            context.width(),
            node.innerChannels(),
            gated.width(),
            node.output().map().timeStride(),
            node.segment());
    squeeze = weights.floats(columns(node.squeezeWeight(), context));
    squeezeBias = weights.floats(node.squeezeBias().data());
    expand = weights.floats(WeightPacking.expand(node.expandWeight(), gated));
    expandBias = weights.floats(WeightPacking.vector(node.expandBias(), gated));
  }

  /** A matrix (R, I) as (I, R), channels as they lie in memory. */
  private static float[] columns(Tensor matrix, ChannelLayout layout) {
    int inner = matrix.extent(0);
    float[] packed = new float[layout.width() * inner];
    float[] elements = matrix.data();
    for (int r = 0; r < inner; r++) {
      for (int c = 0; c < layout.channels(); c++) {
        packed[layout.at(c) * inner + r] = elements[r * layout.channels() + c];
      }
    }
    return packed;
  }

  @Override
  public long scratchBytes(RowSize row) {
    return ContextGateKernel.scratchBytes(extents, row.columns(extents.timeStride()), row.clips());
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    launches.addAll(
        kernel.launches(
            extents,
            new ContextGateKernel.Weights(
                squeeze.address(), squeezeBias.address(), expand.address(), expandBias.address()),
            row.clips(),
            row.row().clips(),
            row.columnClip(extents.timeStride()),
            row.view(node.input()),
            row.view(node.context()),
            row.view(node.output()),
            row.scratch(node.output().id()),
            row.columns(extents.timeStride())));
  }
}
