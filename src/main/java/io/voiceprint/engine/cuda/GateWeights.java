package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Node;
import java.util.Arrays;

/**
 * The constants of an attentional fusion, what is between its matrices padded with zeros where the
 * kernel wants that.
 *
 * @param squeeze (2 · channels, inner), x's channels before y's
 * @param squeezeBias (inner)
 * @param expand (inner, channels)
 * @param expandBias (channels)
 */
record GateWeights(float[] squeeze, float[] squeezeBias, float[] expand, float[] expandBias) {

  /**
   * In the order of rows.
   *
   * @param inner channels between the matrices, padding included
   */
  static GateWeights of(Node.AttentionalFusion node, ChannelLayout layout, int inner) {
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

  /** Channels between the matrices, padding included. */
  int inner() {
    return squeezeBias.length;
  }

  /**
   * Bytes of all constants of a fusion.
   *
   * @param matrices format of the matrices
   */
  static long bytes(int channels, int inner, MathMode matrices) {
    return 3L * channels * inner * matrices.elementBytes()
        + (long) (channels + inner) * Float.BYTES;
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
