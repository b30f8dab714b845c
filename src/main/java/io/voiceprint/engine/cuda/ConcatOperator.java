package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Value;
import java.util.List;

/** {@link Node.Concat}: copies the parts that do not lie in their place already. */
final class ConcatOperator implements Operator {
  private final Node.Concat node;
  private final EpilogueKernel kernel;

  ConcatOperator(Node.Concat node, EpilogueKernel kernel) {
    this.node = node;
    this.kernel = kernel;
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.output().map();
    View whole = row.view(node.output());
    int from = 0;
    for (Value part : node.inputs()) {
      if (!row.storage().isInPlace(node, part, from)) {
        long offset =
            (long) row.storage().layout(node.output()).at(from) * row.mode().elementBytes();
        launches.add(
            kernel.copy(
                row.view(part),
                new View(whole.address() + offset, whole.stride()),
                map.frequency(),
                row.columns(map.timeStride()),
                row.width(part)));
      }
      from += part.map().channels();
    }
  }
}
