package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;

/** Launches {@code kernels/cmn.cu}: subtraction of each clip's mean over time. */
final class CmnKernel {
  static final int MAX_BINS = 128;
  private static final int SLICES = 8;

  private final Kernel kernel;

  CmnKernel(KernelSet kernels) {
    kernel = kernels.kernel("cmn", "cmn");
  }

  /**
   * @param clips address of the clip table
   * @param features address of (columns, bins), changed in place
   */
  Launch launch(long clips, int clipCount, long features, int columns, int bins) {
    return Launch.of(
            kernel,
            new LaunchShape(clipCount, 1, 1, bins, SLICES, 1, SLICES * bins * Long.BYTES),
            new Kernel.Arguments().address(clips).address(features))
        .moving(2L * columns * bins * Float.BYTES + (long) MemoryMap.CLIP_BYTES * clipCount);
  }
}
