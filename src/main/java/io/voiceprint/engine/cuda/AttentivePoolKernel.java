package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** Launches {@code kernels/attentive_pool.cu}: attentive statistics pooling in three kernels. */
final class AttentivePoolKernel {
  /** Most hidden units, and of what they must be a multiple. */
  static final int MAX_HIDDEN = 512;

  static final int HIDDEN_MULTIPLE = 4;

  private static final int COLUMNS = 8;
  private static final int HIDDEN_THREADS = 128;
  private static final int WARP = 32;
  private static final int SLICES = 8;
  private static final int MOMENTS = 4;

  private final KernelSet kernels;
  private final Kernel partial;
  private final Kernel hidden;
  private final Kernel statistics;

  AttentivePoolKernel(KernelSet kernels) {
    this.kernels = kernels;
    partial = kernels.kernelOfFormat("attentive_pool", "attentive_partial");
    hidden = kernels.kernel("attentive_pool", "attentive_hidden");
    statistics = kernels.kernelOfFormat("attentive_pool", "attentive_statistics");
  }

  /**
   * The addresses of the weights, all float32.
   *
   * @param hidden (F, C, H)
   * @param hiddenBias (H)
   * @param score (H, F, C)
   * @param scoreBias (F, C)
   */
  record Weights(long hidden, long hiddenBias, long score, long scoreBias) {}

  /** Bytes that {@link #launches} needs as scratch. */
  static long scratchBytes(FeatureMap map, int columns, int hiddenUnits) {
    return (long) Float.BYTES * columns * hiddenUnits * (map.frequency() + 1);
  }

  /**
   * @param x (F, columns, C)
   * @param out address of (clips, 2 C F)
   * @param columns of the row at the level of x
   */
  List<Launch> launches(
      long clips,
      int clipCount,
      View x,
      long columnClip,
      long scratch,
      long out,
      Weights weights,
      FeatureMap map,
      int columns,
      int hiddenUnits) {
    long hiddenColumns = scratch;
    long partials = scratch + (long) Float.BYTES * columns * hiddenUnits;
    int rows = map.frequency();
    int channels = map.channels();
    int elementBytes = kernels.mode().elementBytes();
    long pixels = (long) rows * columns;
    int partialShared = COLUMNS * RowGeometry.roundUp(channels, ChannelLayout.OCTET) * Float.BYTES;
    int statisticsShared = Math.max(WARP * hiddenUnits, SLICES * WARP * MOMENTS) * Float.BYTES;
    String what = "attentive pooling of %d channels, %d hidden".formatted(channels, hiddenUnits);
    kernels.allowShared(partial, partialShared, what);
    kernels.allowShared(statistics, statisticsShared, what);
    return List.of(
        Launch.of(
                partial,
                new LaunchShape(
                    ceilDiv(columns, COLUMNS), rows, 1, hiddenUnits, 1, 1, partialShared),
                new ParamStruct()
                    .address(x.address())
                    .address(weights.hidden())
                    .address(columnClip)
                    .address(partials)
                    .int32(x.stride())
                    .int32(rows)
                    .int32(columns)
                    .int32(channels)
                    .int32(hiddenUnits)
                    .arguments())
            .moving(
                pixels * channels * elementBytes
                    + (long) rows * channels * hiddenUnits * Float.BYTES
                    + pixels * hiddenUnits * Float.BYTES),
        Launch.of(
                hidden,
                LaunchShape.linear(
                    ceilDiv((long) columns * hiddenUnits, HIDDEN_THREADS), HIDDEN_THREADS, 0),
                new Kernel.Arguments()
                    .address(partials)
                    .address(weights.hiddenBias())
                    .address(hiddenColumns)
                    .int32(rows)
                    .int32(columns)
                    .int32(hiddenUnits))
            .moving((pixels + columns + 1) * hiddenUnits * Float.BYTES),
        Launch.of(
                statistics,
                new LaunchShape(
                    ceilDiv(channels, WARP), rows, clipCount, WARP, SLICES, 1, statisticsShared),
                new ParamStruct()
                    .address(clips)
                    .address(x.address())
                    .address(hiddenColumns)
                    .address(weights.score())
                    .address(weights.scoreBias())
                    .address(out)
                    .int32(x.stride())
                    .int32(rows)
                    .int32(columns)
                    .int32(channels)
                    .int32(hiddenUnits)
                    .int32(map.timeStride())
                    .arguments())
            .moving(
                pixels * channels * elementBytes
                    + ((long) columns + (long) rows * channels) * hiddenUnits * Float.BYTES
                    + 2L * clipCount * rows * channels * Float.BYTES));
  }
}
