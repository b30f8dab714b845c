package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.ConvGeometry.Padding;
import java.util.Locale;

/**
 * The extents of a convolution that do not depend on the row: what its implementation is chosen by.
 *
 * @param rows F of the input
 * @param timeStride of the input
 * @param inputs channels in memory, a multiple of 8
 * @param outputs channels in memory, a multiple of 8
 * @param kernelF extent along frequency, odd
 * @param kernelT extent along time, odd
 * @param geometry how the kernel moves
 */
record ConvLayer(
    int rows,
    int timeStride,
    int inputs,
    int outputs,
    int kernelF,
    int kernelT,
    ConvGeometry geometry) {

  ConvLayer {
    if (kernelT == 1 && (geometry.padding() != Padding.ZERO || geometry.dilationT() != 1)) {
      // It reaches beyond no end.
      geometry = new ConvGeometry(geometry.strideF(), geometry.strideT(), 1, Padding.ZERO);
    }
  }

  /** A square kernel with the same stride along both axes. */
  ConvLayer(int rows, int timeStride, int inputs, int outputs, int kernel, int stride) {
    this(rows, timeStride, inputs, outputs, kernel, kernel, ConvGeometry.square(stride));
  }

  /** Whether kernel and stride are the same along both axes, and nothing is dilated or mirrored. */
  boolean isSquare() {
    return kernelF == kernelT && geometry.isSquare();
  }

  /** Whether the kernel sees a clip mirrored at its ends. */
  boolean mirrors() {
    return geometry.padding() == Padding.REFLECT;
  }

  int outRows() {
    return (rows + geometry.strideF() - 1) / geometry.strideF();
  }

  int outColumns(int columns) {
    return (columns + geometry.strideT() - 1) / geometry.strideT();
  }

  int outTimeStride() {
    return timeStride * geometry.strideT();
  }

  /** Elements K over which an output is summed. */
  int inner() {
    return kernelF * kernelT * inputs;
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
    String extents =
        String.format(
            Locale.ROOT, "conv %s F%d T/%d I%d O%d", mode, rows, timeStride, inputs, outputs);
    return isSquare()
        ? String.format(Locale.ROOT, "%s k%d s%d", extents, kernelF, geometry.strideF())
        : String.format(
            Locale.ROOT,
            "%s k%dx%d s%dx%d d%d%s",
            extents,
            kernelF,
            kernelT,
            geometry.strideF(),
            geometry.strideT(),
            geometry.dilationT(),
            mirrors() ? " mirrored" : "");
  }
}
