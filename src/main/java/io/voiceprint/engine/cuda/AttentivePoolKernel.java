package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** Launches {@code kernels/attentive_pool.cu}: attentive statistics pooling. */
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
  private final Kernel contextHidden;
  private final Kernel statistics;

  AttentivePoolKernel(KernelSet kernels) {
    this.kernels = kernels;
    partial = kernels.kernelOfFormat("attentive_pool", "attentive_partial");
    hidden = kernels.kernel("attentive_pool", "attentive_hidden");
    contextHidden = kernels.kernelOfFormat("attentive_pool", "context_hidden");
    statistics = kernels.kernelOfFormat("attentive_pool", "attentive_statistics");
  }

  /**
   * The addresses of the hidden layer's weights, all float32.
   *
   * @param weights (F, C, H)
   * @param bias (H)
   */
  record HiddenWeights(long weights, long bias) {}

  /**
   * The addresses of what turns products into hidden units with global context, all float32.
   *
   * @param bias (clips, H)
   * @param scale (H)
   * @param shift (H)
   */
  record ContextWeights(long bias, long scale, long shift) {}

  /**
   * The addresses of the scores' weights, all float32.
   *
   * @param weights (H, F, C)
   * @param bias (F, C)
   */
  record ScoreWeights(long weights, long bias) {}

  /** Bytes that {@link #hidden} needs as scratch. */
  static long scratchBytes(FeatureMap map, int columns, int hiddenUnits) {
    return (long) Float.BYTES * columns * hiddenUnits * map.frequency();
  }

  /**
   * The hidden units of every column.
   *
   * @param x (F, columns, C)
   * @param hiddenColumns address of (columns, H), written
   * @param columns of the row at the level of x
   */
  List<Launch> hidden(
      View x,
      long columnClip,
      HiddenWeights weights,
      long scratch,
      long hiddenColumns,
      FeatureMap map,
      int columns,
      int hiddenUnits) {
    int rows = map.frequency();
    int channels = map.channels();
    long pixels = (long) rows * columns;
    int shared = COLUMNS * RowGeometry.roundUp(channels, ChannelLayout.OCTET) * Float.BYTES;
    kernels.allowShared(partial, shared, what(channels, hiddenUnits));
    return List.of(
        Launch.of(
                partial,
                new LaunchShape(ceilDiv(columns, COLUMNS), rows, 1, hiddenUnits, 1, 1, shared),
                new ParamStruct()
                    .address(x.address())
                    .address(weights.weights())
                    .address(columnClip)
                    .address(scratch)
                    .int32(x.stride())
                    .int32(rows)
                    .int32(columns)
                    .int32(channels)
                    .int32(hiddenUnits)
                    .arguments())
            .moving(
                pixels * channels * kernels.mode().elementBytes()
                    + ((long) rows * channels + pixels) * hiddenUnits * Float.BYTES),
        Launch.of(
                hidden,
                hiddenShape(columns, hiddenUnits),
                new Kernel.Arguments()
                    .address(scratch)
                    .address(weights.bias())
                    .address(hiddenColumns)
                    .int32(rows)
                    .int32(columns)
                    .int32(hiddenUnits))
            .moving((pixels + columns + 1) * hiddenUnits * Float.BYTES));
  }

  /**
   * The hidden units of every column from products with its channels, beside what the whole clip
   * adds.
   *
   * @param products address of (columns, H)
   * @param hiddenColumns address of (columns, H), written
   */
  Launch contextHidden(
      long products,
      long columnClip,
      ContextWeights weights,
      long hiddenColumns,
      int columns,
      int hiddenUnits) {
    return Launch.of(
            contextHidden,
            hiddenShape(columns, hiddenUnits),
            new ParamStruct()
                .address(products)
                .address(weights.bias())
                .address(weights.scale())
                .address(weights.shift())
                .address(columnClip)
                .address(hiddenColumns)
                .int32(columns)
                .int32(hiddenUnits)
                .arguments())
        .moving((long) columns * hiddenUnits * (kernels.mode().elementBytes() + Float.BYTES));
  }

  private static LaunchShape hiddenShape(int columns, int hiddenUnits) {
    return LaunchShape.linear(
        ceilDiv((long) columns * hiddenUnits, HIDDEN_THREADS), HIDDEN_THREADS, 0);
  }

  /**
   * Scores, softmax, mean and standard deviation.
   *
   * @param hiddenColumns address of (columns, H)
   * @param x (F, columns, C)
   * @param out address of (clips, 2 C F)
   * @param varianceFloor what a variance is raised to where it is smaller
   */
  Launch statistics(
      long clips,
      int clipCount,
      View x,
      long hiddenColumns,
      ScoreWeights weights,
      long out,
      FeatureMap map,
      int columns,
      int hiddenUnits,
      double varianceFloor) {
    int rows = map.frequency();
    int channels = map.channels();
    int shared = Math.max(WARP * hiddenUnits, SLICES * WARP * MOMENTS) * Float.BYTES;
    kernels.allowShared(statistics, shared, what(channels, hiddenUnits));
    return Launch.of(
            statistics,
            new LaunchShape(ceilDiv(channels, WARP), rows, clipCount, WARP, SLICES, 1, shared),
            new ParamStruct()
                .address(clips)
                .address(x.address())
                .address(hiddenColumns)
                .address(weights.weights())
                .address(weights.bias())
                .address(out)
                .int32(x.stride())
                .int32(rows)
                .int32(columns)
                .int32(channels)
                .int32(hiddenUnits)
                .int32(map.timeStride())
                .float32((float) varianceFloor)
                .arguments())
        .moving(
            (long) rows * columns * channels * kernels.mode().elementBytes()
                + ((long) columns + (long) rows * channels) * hiddenUnits * Float.BYTES
                + 2L * clipCount * rows * channels * Float.BYTES);
  }

  private static String what(int channels, int hiddenUnits) {
    return "attentive pooling of %d channels, %d hidden".formatted(channels, hiddenUnits);
  }
}
