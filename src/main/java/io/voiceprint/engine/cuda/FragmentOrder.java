package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.MathMode;

/**
 * The order in which {@code kernels/mma_rows.cuh} reads weights: what a lane needs of 16 columns
 * lies in 16 neighbouring bytes.
 */
final class FragmentOrder {
  /** Columns of a group. */
  static final int COLUMNS = 16;

  private static final int LANES = 32;
  private static final int WORDS = 4;

  private FragmentOrder() {}

  /** Inner extent of one product: 16 halves or 8 floats. */
  static int depth(MathMode mode) {
    return mode == MathMode.FP16 ? 16 : 8;
  }

  /**
   * Reorders a matrix (inner, columns).
   *
   * @param columns a multiple of 16; the inner extent is a multiple of {@link #depth}
   */
  static float[] of(float[] matrix, int columns, MathMode mode) {
    int depth = depth(mode);
    int perWord = depth / 8;
    int inner = matrix.length / columns;
    if (columns % COLUMNS != 0 || inner % depth != 0) {
      throw new IllegalArgumentException(
          "inner=%d, columns=%d: multiples of %d and 16 are needed"
              .formatted(inner, columns, depth));
    }
    float[] packed = new float[matrix.length];
    int at = 0;
    for (int k = 0; k < inner; k += depth) {
      for (int n = 0; n < columns; n += COLUMNS) {
        for (int lane = 0; lane < LANES; lane++) {
          for (int word = 0; word < WORDS; word++) {
            int column = n + 8 * (word / 2) + lane / 4;
            for (int j = 0; j < perWord; j++) {
              int row = k + (lane % 4 + 4 * (word % 2)) * perWord + j;
              packed[at++] = matrix[row * columns + column];
            }
          }
        }
      }
    }
    return packed;
  }
}
