package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.cuda.MathMode;
import java.util.Optional;

/** Launches {@code kernels/aff.cu}: attentional feature fusion, fused or around matrix products. */
final class AffKernel {
  private static final int FUSED_THREADS = 256;
  private static final int THREADS = 256;
  private static final int PAD = 4;
  private static final int SLICES = 4;
  private static final int PIXELS_PER_THREAD = 4;
  private static final int MAX_TILE = 32;

  /** So that two blocks share a multiprocessor of any card. */
  private static final int WANTED_SHARED_BYTES = 32 * 1024;

  private final KernelSet kernels;
  private final Kernel aff;
  private final Kernel silu;
  private final Kernel gateBlend;

  AffKernel(KernelSet kernels) {
    this.kernels = kernels;
    aff = kernels.kernelOfFormat("aff", "aff");
    silu = kernels.kernelOfFormat("aff", "silu");
    gateBlend = kernels.kernelOfFormat("aff", "gate_blend");
  }

  /** Why this device cannot fuse so many channels in one kernel; empty if it can. */
  Optional<String> obstacle(int channels, int inner) {
    return kernels.sharedObstacle(sharedBytes(PIXELS_PER_THREAD, channels, inner));
  }

  /**
   * The whole fusion in one kernel.
   *
   * @param weights all float32
   */
  Launch fused(AffCall call, GateSlots.Addresses weights) {
    int tile = MAX_TILE;
    while (tile > PIXELS_PER_THREAD
        && sharedBytes(tile, call.channels(), call.inner()) > WANTED_SHARED_BYTES) {
      tile -= PIXELS_PER_THREAD;
    }
    int shared = sharedBytes(tile, call.channels(), call.inner());
    kernels.allowShared(aff, shared, "fusion of %d channels".formatted(call.channels()));
    return Launch.of(
            aff,
            LaunchShape.linear(ceilDiv(call.pixels(), tile), FUSED_THREADS, shared),
            call.arguments(weights, tile))
        .moving(call.bytes(kernels.mode(), MathMode.FP32));
  }

  /** s = silu(s + bias) in place on a packed (pixels, channels). */
  Launch silu(long s, long bias, int pixels, int channels) {
    long octets = (long) pixels * (channels / ChannelLayout.OCTET);
    return Launch.of(
            silu,
            LaunchShape.linear(ceilDiv(octets, THREADS), THREADS, 0),
            new Kernel.Arguments().address(s).address(bias).int64(octets).int32(channels))
        .moving(
            2L * pixels * channels * kernels.mode().elementBytes() + (long) Float.BYTES * channels);
  }

  /**
   * out = x (1 + a) + y (1 - a) with a = tanh(gate + bias), zero in gap columns.
   *
   * @param gate address of (pixels, channels), packed
   */
  Launch gateBlend(
      long gate,
      long bias,
      View x,
      View y,
      View out,
      long columnClip,
      int rows,
      int columns,
      int channels) {
    int pixels = Math.multiplyExact(rows, columns);
    return Launch.of(
            gateBlend,
            LaunchShape.linear(
                ceilDiv((long) pixels * (channels / ChannelLayout.OCTET), THREADS), THREADS, 0),
            new ParamStruct()
                .address(gate)
                .address(bias)
                .address(x.address())
                .address(y.address())
                .address(columnClip)
                .address(out.address())
                .int32(x.stride())
                .int32(y.stride())
                .int32(out.stride())
                .int32(pixels)
                .int32(columns)
                .int32(channels)
                .arguments())
        .moving(
            4L * pixels * channels * kernels.mode().elementBytes()
                + (long) Float.BYTES * channels
                + (long) Integer.BYTES * columns);
  }

  private static int sharedBytes(int tile, int channels, int inner) {
    int innerRow = RowGeometry.roundUp(inner, 4) + PAD;
    return tile * (2 * channels + PAD + SLICES * innerRow) * Float.BYTES;
  }
}
