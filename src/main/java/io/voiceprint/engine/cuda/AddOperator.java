package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** {@link Node.Add}. */
final class AddOperator implements Operator {
  private final Node.Add node;
  private final EpilogueKernel kernel;

  AddOperator(Node.Add node, EpilogueKernel kernel) {
    this.node = node;
    this.kernel = kernel;
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.output().map();
    launches.add(
        kernel.add(
            row.view(node.a()),
            row.view(node.b()),
            row.view(node.output()),
            map.frequency(),
            row.columns(map.timeStride()),
            row.width(node.output())));
  }
}
