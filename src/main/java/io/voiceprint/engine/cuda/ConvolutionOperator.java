package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import java.util.List;

/** {@link Node.Conv2d} over feature maps. */
final class ConvolutionOperator implements Operator {
  private final Node.Conv2d node;
  private final ConvImplementation implementation;

  ConvolutionOperator(Node.Conv2d node, ConvImplementation implementation) {
    this.node = node;
    this.implementation = implementation;
  }

  @Override
  public long scratchBytes(RowSize row) {
    return implementation.scratchBytes(row);
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    View residual = node.residual() == null ? null : row.view(node.residual());
    implementation.plan(
        new ConvCall(row.view(node.input()), residual, row.view(node.output())),
        row,
        row.scratch(node.output().id()),
        launches);
  }
}
