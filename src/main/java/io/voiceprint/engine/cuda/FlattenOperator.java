package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** {@link Node.Flatten}, of a feature map or of the features themselves. */
final class FlattenOperator implements Operator {
  private final Node.Flatten node;
  private final FlattenKernel kernel;
  private final FlattenSources sources;

  FlattenOperator(
      Node.Flatten node, FlattenKernel kernel, ValueStorage storage, WeightStore weights) {
    this.node = node;
    this.kernel = kernel;
    this.sources =
        new FlattenSources(
            node.input().map(),
            storage.layout(node.input()),
            storage.layout(node.output()),
            weights);
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.input().map();
    long columnClip = row.columnClip(map.timeStride());
    View y = row.view(node.output());
    int columns = row.columns(map.timeStride());
    int outputs = row.width(node.output());
    launches.add(
        node.input().id() == 0
            ? kernel.features(
                row.address(node.input()),
                map.frequency(),
                sources.addresses(),
                columnClip,
                y,
                columns,
                outputs)
            : kernel.map(
                row.view(node.input()), sources.addresses(), columnClip, y, columns, outputs));
  }
}
