package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** {@link Node.StatisticsPooling}. */
final class StatisticsOperator implements Operator {
  private final Node.StatisticsPooling node;
  private final StatsPoolKernel kernel;
  private final ContiguousInput input;

  StatisticsOperator(Node.StatisticsPooling node, StatsPoolKernel kernel, ContiguousInput input) {
    this.node = node;
    this.kernel = kernel;
    this.input = input;
  }

  @Override
  public long scratchBytes(RowSize row) {
    return input.scratchBytes(row);
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.input().map();
    launches.add(
        kernel.launch(
            row.clips(),
            row.row().clips(),
            input.plan(row, row.scratch(node.output().id()), launches),
            row.address(node.output()),
            map,
            row.columns(map.timeStride()),
            node.statistics(),
            StatsPoolKernel.Variance.unbiased(node.epsilon())));
  }
}
