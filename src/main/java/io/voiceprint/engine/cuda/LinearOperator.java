package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import java.util.List;

/** {@link Node.Linear}: float32 vectors, weights in the engine's format. */
final class LinearOperator implements Operator {
  private final Node.Linear node;
  private final LinearKernel kernel;
  private final WeightStore.Slot weights;
  private final WeightStore.Slot bias;

  LinearOperator(Node.Linear node, KernelSet kernels, WeightStore store) {
    this.node = node;
    this.kernel = kernels.linear;
    this.weights = store.operands(node.name(), node.weight().data(), kernels.mode());
    this.bias = store.floats(node.bias().data());
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    launches.add(
        kernel.launch(
            row.address(node.input()),
            weights.address(),
            bias.address(),
            row.address(node.output()),
            row.row().clips(),
            node.weight().extent(1),
            node.weight().extent(0),
            node.activation()));
  }
}
