package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Node;
import java.util.Arrays;

/**
 * The constants of an attentional fusion, what is between its matrices padded with zeros to {@link
 * AffMmaKernel#inner}.
 *
 * @param squeeze (2 · channels, inner), x's channels before y's
 * @param squeezeBias (inner)
 * @param expand (inner, channels)
 * @param expandBias (channels)
 */
record GateWeights(float[] squeeze, float[] squeezeBias, float[] expand, float[] expandBias) {

  /** In the order of rows. */
  static GateWeights of(Node.AttentionalFusion node, ChannelLayout layout) {
    int inner = AffMmaKernel.inner(node.innerChannels());
    float[] squeeze = WeightPacking.squeeze(node.squeezeWeight(), layout);
    float[] expand = WeightPacking.expand(node.expandWeight(), layout);
    return new GateWeights(
        widened(squeeze, node.innerChannels(), inner),
        Arrays.copyOf(node.squeezeBias().data(), inner),
        Arrays.copyOf(expand, inner * layout.width()),
        WeightPacking.vector(node.expandBias(), layout));
  }

  /**
   * The same with the matrices in {@link FragmentOrder}; what is fused must be a multiple of 16
   * channels.
   */
  GateWeights inFragments(MathMode mode) {
    return new GateWeights(
        FragmentOrder.of(squeeze, squeezeBias.length, mode),
        squeezeBias,
        FragmentOrder.of(expand, expandBias.length, mode),
        expandBias);
  }

  /** A matrix of rows of {@code from} columns with zeros behind each. */
  private static float[] widened(float[] matrix, int from, int columns) {
    int rows = matrix.length / from;
    float[] wide = new float[rows * columns];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(matrix, row * from, wide, row * columns, from);
    }
    return wide;
  }
}
