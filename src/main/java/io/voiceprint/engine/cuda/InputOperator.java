package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Value;
import java.util.List;

/** The front end as the first step of a network: what was uploaded becomes features. */
final class InputOperator implements Operator {
  private final WaveInput input;
  private final Value features;

  InputOperator(WaveInput input, Value features) {
    this.input = input;
    this.features = features;
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    plan(row, ClipSums.NONE, launches);
  }

  /** As {@link #plan(RowPlan, List)}; with sums the features keep their mean. */
  void plan(RowPlan row, ClipSums sums, List<Launch> launches) {
    if (row.memory().source() != Source.FEATURES) {
      input.plan(row, row.memory().source(), features, sums, launches);
    }
  }
}
