package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Statistics;

/** Launches {@code kernels/stats_pool.cu}: mean and standard deviation over each clip's time. */
final class StatsPoolKernel {
  private static final int MAX_OCTETS = 32;
  private static final int SLICES = 8;

  private final Kernel kernel;
  private final int elementBytes;

  StatsPoolKernel(KernelSet kernels) {
    kernel = kernels.kernelOfFormat("stats_pool", "stats_pool");
    elementBytes = kernels.mode().elementBytes();
  }

  /**
   * How a variance is taken: {@code max(squares / (n - correction) + epsilon, floor)}.
   *
   * @param correction 1 for the unbiased variance, 0 for that of the values themselves
   */
  record Variance(int correction, double epsilon, double floor) {
    static Variance unbiased(double epsilon) {
      return new Variance(1, epsilon, 0);
    }
  }

  /**
   * @param x (F, columns, C)
   * @param out address of (clips, statistics · C · F)
   * @param columns of the row at the level of x
   */
  Launch launch(
      long clips,
      int clipCount,
      View x,
      long out,
      FeatureMap map,
      int columns,
      Statistics statistics,
      Variance variance) {
    int octets = ceilDiv(map.channels(), ChannelLayout.OCTET);
    int blockOctets = Math.min(octets, MAX_OCTETS);
    return Launch.of(
            kernel,
            new LaunchShape(
                ceilDiv(octets, blockOctets),
                map.frequency(),
                clipCount,
                blockOctets,
                SLICES,
                1,
                SLICES * blockOctets * ChannelLayout.OCTET * Float.BYTES),
            new ParamStruct()
                .address(clips)
                .address(x.address())
                .address(out)
                .int32(x.stride())
                .int32(map.frequency())
                .int32(columns)
                .int32(map.channels())
                .int32(map.timeStride())
                .int32(statistics.hasMean() ? 1 : 0)
                .int32(statistics.hasStandardDeviation() ? 1 : 0)
                .int32(variance.correction())
                .float32((float) variance.epsilon())
                .float32((float) variance.floor())
                .arguments())
        .moving(
            (long) map.frequency()
                * map.channels()
                * ((long) columns * elementBytes
                    + (long) statistics.count() * clipCount * Float.BYTES));
  }
}
