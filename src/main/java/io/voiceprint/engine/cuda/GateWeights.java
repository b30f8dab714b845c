package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Node;
import java.util.Arrays;

/**
 * The constants of an attentional fusion as tensor cores read them: matrices in {@link
 * FragmentOrder}, what is between them padded with zeros to {@link AffMmaKernel#inner}.
 *
 * @param squeeze (2 · channels, inner), x's channels before y's
 * @param squeezeBias (inner)
 * @param expand (inner, channels)
 * @param expandBias (channels)
 */
record GateWeights(float[] squeeze, float[] squeezeBias, float[] expand, float[] expandBias) {

  /**
   * @param layout of what is fused, a multiple of 16 wide
   */
  static GateWeights of(Node.AttentionalFusion node, ChannelLayout layout, MathMode mode) {
    int inner = AffMmaKernel.inner(node.innerChannels());
    float[] squeeze = WeightPacking.squeeze(node.squeezeWeight(), layout);
    float[] expand = WeightPacking.expand(node.expandWeight(), layout);
    return new GateWeights(
        FragmentOrder.of(widened(squeeze, node.innerChannels(), inner), inner, mode),
        Arrays.copyOf(node.squeezeBias().data(), inner),
        FragmentOrder.of(Arrays.copyOf(expand, inner * layout.width()), layout.width(), mode),
        WeightPacking.vector(node.expandBias(), layout));
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
