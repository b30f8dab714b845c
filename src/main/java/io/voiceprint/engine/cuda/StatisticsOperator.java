package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** {@link Node.StatisticsPooling}. */
final class StatisticsOperator implements Operator {
  private final Node.StatisticsPooling node;
  private final StatsPoolKernel kernel;

  StatisticsOperator(Node.StatisticsPooling node, StatsPoolKernel kernel) {
    this.node = node;
    this.kernel = kernel;
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.input().map();
    launches.add(
        kernel.launch(
            row.clips(),
            row.row().clips(),
            row.view(node.input()),
            row.address(node.output()),
            map,
            row.columns(map.timeStride()),
            node.statistics(),
            StatsPoolKernel.Variance.unbiased(node.epsilon())));
  }
}
