package io.voiceprint.engine.reference;

import io.voiceprint.graph.Tensor;
import java.util.Arrays;

/**
 * A weight matrix (O, K) and its product with a block of columns (K, P).
 *
 * <p>Every sum runs over k in ascending order, four terms at a time, whatever O and P are: one
 * column's result does not depend on the columns beside it.
 */
final class Matrix {
  /**
   * Rows computed together, and terms added together: 4 × 4 products per load of a column value
   * keep the unit busy.
   */
  static final int BLOCK = 4;

  private final int rows;
  private final int depth;
  private final int paddedDepth;
  private final float[] weights; // (ceil4(O), ceil4(K)), zero-padded
  private final float[] bias; // (O)

  Matrix(Tensor weight, Tensor bias, Rounding rounding) {
    this.rows = weight.extent(0);
    this.depth = weight.data().length / rows;
    this.paddedDepth = pad(depth);
    this.weights = new float[pad(rows) * paddedDepth];
    for (int o = 0; o < rows; o++) {
      System.arraycopy(weight.data(), o * depth, weights, o * paddedDepth, depth);
    }
    rounding.round(weights, 0, weights.length);
    this.bias = bias.data();
  }

  private static int pad(int n) {
    return (n + BLOCK - 1) / BLOCK * BLOCK;
  }

  int rows() {
    return rows;
  }

  int depth() {
    return depth;
  }

  /** Elements of the column buffer that {@link #multiply} needs for {@code count} columns. */
  int columnElements(int count) {
    return paddedDepth * count;
  }

  /**
   * out[o][p] = bias[o] + sum over k of weights[o][k] · columns[k][p].
   *
   * @param columns (K, count), rows from K on up to the next multiple of four are cleared here
   * @param count columns P in this block
   * @param out row o begins at {@code outOffset + o · outStride}
   */
  void multiply(float[] columns, int count, float[] out, int outOffset, int outStride) {
    Arrays.fill(columns, depth * count, paddedDepth * count, 0f);
    float[] sums = new float[BLOCK * count];
    for (int o = 0; o < rows; o += BLOCK) {
      for (int r = 0; r < BLOCK; r++) {
        Arrays.fill(sums, r * count, (r + 1) * count, o + r < rows ? bias[o + r] : 0f);
      }
      for (int k = 0; k < paddedDepth; k += BLOCK) {
        addBlock(o * paddedDepth + k, columns, k * count, count, sums);
      }
      for (int r = 0; r < BLOCK && o + r < rows; r++) {
        System.arraycopy(sums, r * count, out, outOffset + (o + r) * outStride, count);
      }
    }
  }

  /** Adds four terms to each of four rows of sums. */
  private void addBlock(int w, float[] x, int x0, int n, float[] sums) {
    int x1 = x0 + n;
    int x2 = x1 + n;
    int x3 = x2 + n;
    for (int r = 0; r < BLOCK; r++) {
      int row = w + r * paddedDepth;
      float a = weights[row];
      float b = weights[row + 1];
      float c = weights[row + 2];
      float d = weights[row + 3];
      int s = r * n;
      for (int p = 0; p < n; p++) {
        sums[s + p] += a * x[x0 + p] + b * x[x1 + p] + c * x[x2 + p] + d * x[x3 + p];
      }
    }
  }
}
