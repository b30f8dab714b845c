package io.voiceprint.engine.cuda;

import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** The {@link Node.Conv2d} that reads the features, in float32 whatever the format. */
final class StemOperator implements Operator {
  private final Node.Conv2d node;
  private final StemConvKernel kernel;
  private final WeightStore.Slot weights;
  private final WeightStore.Slot bias;

  StemOperator(
      Node.Conv2d node, StemConvKernel kernel, WeightStore.Slot weights, WeightStore.Slot bias) {
    this.node = node;
    this.kernel = kernel;
    this.weights = weights;
    this.bias = bias;
  }

  /** Whether the kernel computes such a convolution. */
  static boolean supports(Node.Conv2d node) {
    return node.inChannels() == 1
        && node.kernelF() == 3
        && node.kernelT() == 3
        && node.geometry().equals(ConvGeometry.square(1))
        && node.residual() == null;
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    plan(row, ClipSums.NONE, launches);
  }

  /**
   * As {@link #plan(RowPlan, List)}; with sums it subtracts the mean from the features it reads.
   */
  void plan(RowPlan row, ClipSums sums, List<Launch> launches) {
    FeatureMap map = node.output().map();
    launches.add(
        kernel.launch(
            row.address(node.input()),
            row.clips(),
            sums,
            weights.address(),
            bias.address(),
            row.columnClip(map.timeStride()),
            row.view(node.output()),
            map.frequency(),
            row.columns(map.timeStride()),
            row.width(node.output()),
            node.activation()));
  }
}
