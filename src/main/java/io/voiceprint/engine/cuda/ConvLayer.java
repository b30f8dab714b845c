package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.MathMode;

/**
 * The extents of a convolution that do not depend on the row: what its implementation is chosen by.
 *
 * @param rows F of the input
 * @param timeStride of the input
 * @param inputs channels in memory, a multiple of 8
 * @param outputs channels in memory, a multiple of 8
 * @param kernel extent along both axes, 1 or 3
 * @param stride along both axes
 */
record ConvLayer(int rows, int timeStride, int inputs, int outputs, int kernel, int stride) {

  int outRows() {
    return (rows + stride - 1) / stride;
  }

  int outColumns(int columns) {
    return (columns + stride - 1) / stride;
  }

  int outTimeStride() {
    return timeStride * stride;
  }

  /** Elements K over which an output is summed. */
  int inner() {
    return kernel * kernel * inputs;
  }

  /**
   * Bytes of all that it reads and writes: input, weights, residual, column table, output.
   *
   * @param columns of the input
   */
  long bytes(MathMode mode, int columns, boolean residual) {
    long outPixels = (long) outRows() * outColumns(columns);
    long elements =
        (long) rows() * columns * inputs
            + (long) inner() * outputs
            + outPixels * outputs * (residual ? 2 : 1);
    return elements * mode.elementBytes()
        + (long) Float.BYTES * outputs
        + (long) Integer.BYTES * outColumns(columns);
  }

  /** The layer's name in a tuning file. */
  String key(MathMode mode) {
    return "conv %s F%d T/%d I%d O%d k%d s%d"
        .formatted(mode, rows, timeStride, inputs, outputs, kernel, stride);
  }
}
