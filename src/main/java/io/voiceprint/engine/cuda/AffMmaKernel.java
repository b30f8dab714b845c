package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.cuda.MathMode;

/** Launches {@code kernels/aff_mma.cu}: attentional feature fusion in one tensor-core kernel. */
final class AffMmaKernel {
  private static final int THREADS = 128;
  private static final int ROWS = 16;
  private static final int MAX_TILE = 64;
  private static final int PAD_BYTES = 16;

  /** So that two blocks share a multiprocessor of any card. */
  private static final int WANTED_SHARED_BYTES = 32 * 1024;

  private final KernelSet kernels;
  private final Kernel kernel; // null where there are no tensor cores for the format

  AffMmaKernel(KernelSet kernels) {
    this.kernels = kernels;
    boolean tensorCores = kernels.conv.methods().contains(ConvKernel.Method.MMA);
    this.kernel =
        tensorCores
            ? kernels.kernel(
                "aff_mma", kernels.mode() == MathMode.FP16 ? "aff_mma_f16" : "aff_mma_tf32")
            : null;
  }

  /**
   * The addresses of a fusion's weights: matrices in the order of {@link FragmentOrder}, in the
   * engine's format, and biases in float32; what is between the matrices padded to {@link #inner}.
   *
   * @param squeeze (2 · channels, inner)
   * @param squeezeBias (inner)
   * @param expand (inner, channels)
   * @param expandBias (channels)
   */
  record Weights(long squeeze, long squeezeBias, long expand, long expandBias) {}

  /** Channels between the matrices as the kernel takes them. */
  static int inner(int channels) {
    return RowGeometry.roundUp(channels, FragmentOrder.COLUMNS);
  }

  /** Whether this device can fuse so many channels. */
  boolean fits(int channels, int inner) {
    return kernel != null
        && channels % FragmentOrder.COLUMNS == 0
        && sharedBytes(ROWS, channels, inner(inner)) <= kernels.device().maxSharedBytesPerBlock();
  }

  /**
   * @param inner channels between the matrices, padding included
   */
  Launch launch(
      View x,
      View y,
      View out,
      Weights weights,
      long columnClip,
      int rows,
      int columns,
      int channels,
      int inner) {
    int pixels = Math.multiplyExact(rows, columns);
    int tile = MAX_TILE;
    // Rather many small blocks than few large ones; the tile does not change the result.
    while (tile > ROWS
        && (sharedBytes(tile, channels, inner) > WANTED_SHARED_BYTES
            || ceilDiv(pixels, tile) < 2 * kernels.device().multiprocessors())) {
      tile -= ROWS;
    }
    int shared = sharedBytes(tile, channels, inner);
    kernels.allowShared(kernel, shared, "fusion of %d channels".formatted(channels));
    return Launch.of(
            kernel,
            LaunchShape.linear(ceilDiv(pixels, tile), THREADS, shared),
            new ParamStruct()
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
                .int32(pixels)
                .int32(columns)
                .int32(channels)
                .int32(inner)
                .int32(tile)
                .arguments())
        .moving(
            (3L * pixels * channels + 3L * channels * inner) * kernels.mode().elementBytes()
                + (long) (channels + inner) * Float.BYTES
                + (long) Integer.BYTES * columns);
  }

  private int sharedBytes(int tile, int channels, int inner) {
    return tile * ((2 * channels + inner) * kernels.mode().elementBytes() + 2 * PAD_BYTES);
  }
}
