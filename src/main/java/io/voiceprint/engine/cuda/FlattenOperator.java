package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.Arrays;
import java.util.List;

/** {@link Node.Flatten}, of a feature map or of the features themselves. */
final class FlattenOperator implements Operator {
  private final Node.Flatten node;
  private final FlattenKernel kernel;
  private final WeightStore.Slot rows;
  private final WeightStore.Slot channels;

  FlattenOperator(
      Node.Flatten node, FlattenKernel kernel, ValueStorage storage, WeightStore weights) {
    this.node = node;
    this.kernel = kernel;
    FeatureMap map = node.input().map();
    ChannelLayout in = storage.layout(node.input());
    ChannelLayout out = storage.layout(node.output());
    int[] sourceRows = new int[out.width()];
    int[] sourceChannels = new int[out.width()];
    Arrays.fill(sourceRows, -1);
    for (int c = 0; c < map.channels(); c++) {
      for (int f = 0; f < map.frequency(); f++) {
        int to = out.at(c * map.frequency() + f);
        sourceRows[to] = f;
        sourceChannels[to] = in.at(c);
      }
    }
    rows = weights.ints(sourceRows);
    channels = weights.ints(sourceChannels);
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.input().map();
    FlattenKernel.Sources sources = new FlattenKernel.Sources(rows.address(), channels.address());
    long columnClip = row.columnClip(map.timeStride());
    View y = row.view(node.output());
    int columns = row.columns(map.timeStride());
    int outputs = row.width(node.output());
    launches.add(
        node.input().id() == 0
            ? kernel.features(
                row.address(node.input()),
                map.frequency(),
                sources,
                columnClip,
                y,
                columns,
                outputs)
            : kernel.map(row.view(node.input()), sources, columnClip, y, columns, outputs));
  }
}
