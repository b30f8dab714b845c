package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.MathMode;

/**
 * The values that a fused attentional fusion reads and writes.
 *
 * @param columnClip address of the column table at their level
 * @param rows F
 * @param columns W
 * @param channels in memory
 * @param inner channels between the matrices, as the kernel takes them
 */
record AffCall(
    View x, View y, View out, long columnClip, int rows, int columns, int channels, int inner) {

  int pixels() {
    return Math.multiplyExact(rows, columns);
  }

  /**
   * {@code struct AffParams}.
   *
   * @param tile pixels of a block
   */
  Kernel.Arguments arguments(GateSlots.Addresses weights, int tile) {
    return new ParamStruct()
        .address(x.address())
        .address(y.address())
        .address(weights.squeeze())
        .address(weights.squeezeBias())
        .address(weights.expand())
        .address(weights.expandBias())
        .address(columnClip)
        .address(out.address())
        .int32(x.stride())
        .int32(y.stride())
        .int32(out.stride())
        .int32(pixels())
        .int32(columns)
        .int32(channels)
        .int32(inner)
        .int32(tile)
        .arguments();
  }

  /**
   * Bytes of all that is read and written.
   *
   * @param matrices format of the matrices
   */
  long bytes(MathMode mode, MathMode matrices) {
    return 3L * pixels() * channels * mode.elementBytes()
        + GateWeights.bytes(channels, inner, matrices)
        + (long) Integer.BYTES * columns;
  }
}
