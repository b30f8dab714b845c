package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.graph.Activation;

/** Launches {@code kernels/stem_conv.cu}: the 3×3 convolution that reads the features. */
final class StemConvKernel {
  private static final int TILE = 16;
  private static final int HALO = TILE + 2;
  private static final int THREADS = 256;

  private final KernelSet kernels;
  private final Kernel kernel;

  StemConvKernel(KernelSet kernels) {
    this.kernels = kernels;
    kernel = kernels.kernelOfFormat("stem_conv", "stem_conv");
  }

  /**
   * @param features address of (W, bins)
   * @param clips address of the clip table
   * @param sums of the features of each clip, whose mean is to be subtracted
   * @param weights address of (3, 3, channels), float32
   * @param bias address of (channels)
   * @param y (bins, W, channels)
   */
  Launch launch(
      long features,
      long clips,
      ClipSums sums,
      long weights,
      long bias,
      long columnClip,
      View y,
      int bins,
      int columns,
      int channels,
      Activation activation) {
    int shared = (HALO * HALO + 10 * channels) * Float.BYTES;
    kernels.allowShared(kernel, shared, "stem of %d channels".formatted(channels));
    return Launch.of(
            kernel,
            new LaunchShape(ceilDiv(columns, TILE), ceilDiv(bins, TILE), 1, THREADS, 1, 1, shared),
            new ParamStruct()
                .address(features)
                .address(clips)
                .address(sums.address())
                .address(weights)
                .address(bias)
                .address(columnClip)
                .address(y.address())
                .int32(y.stride())
                .int32(bins)
                .int32(columns)
                .int32(channels)
                .clamp(activation)
                .arguments())
        .moving(
            (long) bins * columns * (Float.BYTES + (long) channels * kernels.mode().elementBytes())
                + 10L * channels * Float.BYTES
                + (long) Integer.BYTES * columns
                + sums.bytes());
  }
}
