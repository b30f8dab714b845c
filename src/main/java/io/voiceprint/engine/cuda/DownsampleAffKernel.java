package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Launches {@code kernels/downsample_aff_mma.cu} and {@code kernels/downsample_aff_simt.cu}: a 3×3
 * convolution of stride 2 and the attentional fusion of its result with another map, in one kernel.
 * Its bits are those of the separate kernels of the same method.
 */
final class DownsampleAffKernel {
  private static final int THREADS = 256;
  private static final int PAD_BYTES = 16;
  private static final int STRIDE = 2;
  private static final int TAPS = 9;

  /** Output columns of a block. */
  private static final int TILE_COLUMNS = 8;

  /** Output channels of a warp at a time, on tensor cores. */
  private static final int WARP_CHANNELS = 32;

  private final KernelSet kernels;
  private final Kernel kernel;

  DownsampleAffKernel(KernelSet kernels) {
    this.kernels = kernels;
    this.kernel = kernels.products.kernel("downsample_aff");
  }

  /**
   * The extents that do not depend on the row.
   *
   * @param rows F of what is downsampled
   * @param timeStride of what is downsampled
   * @param inputs I, channels of what is downsampled
   * @param outputs C
   * @param inner R, channels within the gate, padding included
   */
  record Extent(int rows, int timeStride, int inputs, int outputs, int inner) {
    /** The name in a tuning file. */
    String key(MathMode mode) {
      return String.format(
          Locale.ROOT,
          "downsample %s F%d T/%d I%d C%d R%d",
          mode,
          rows,
          timeStride,
          inputs,
          outputs,
          inner);
    }

    /** Elements of the convolution's weights. */
    long weights() {
      return (long) TAPS * inputs * outputs;
    }
  }

  /**
   * Output positions of one thread block. All tiles give the same bits.
   *
   * @param rows of {@value #TILE_COLUMNS} columns
   */
  record Tile(int rows) {
    static final List<Tile> ALL = List.of(new Tile(8), new Tile(4), new Tile(2));

    private int pixels() {
      return rows * TILE_COLUMNS;
    }

    /** Positions of the input that they reach. */
    private int halo() {
      return (STRIDE * rows + 1) * (STRIDE * TILE_COLUMNS + 1);
    }

    @Override
    public String toString() {
      return rows + "x" + TILE_COLUMNS;
    }
  }

  /**
   * The addresses of the constants.
   *
   * @param weights of the convolution (9 · inputs, outputs), as {@link RowProducts} packs them
   * @param bias of the convolution
   * @param gate matrices packed likewise
   */
  record Weights(long weights, long bias, GateSlots.Addresses gate) {}

  /**
   * What a launch reads and writes.
   *
   * @param in what is downsampled
   * @param x what the result is fused with
   * @param columnClip address of the column table at the output's level
   * @param columns of what is downsampled
   */
  record Call(View in, View x, View out, long columnClip, int columns) {}

  /** The tiles by which this device can compute it; none if its channels do not fit. */
  List<Tile> tiles(Extent extent) {
    return Tile.ALL.stream().filter(tile -> obstacle(extent, tile).isEmpty()).toList();
  }

  /** Why this device cannot compute it by a tile; empty if it can. */
  Optional<String> obstacle(Extent extent, Tile tile) {
    int multiple = kernels.products.onTensorCores() ? WARP_CHANNELS : ChannelLayout.OCTET;
    return kernels
        .products
        .obstacle(extent.inputs())
        .or(
            () ->
                extent.outputs() % multiple == 0
                    ? kernels.sharedObstacle(sharedBytes(extent, tile))
                    : Optional.of(
                        "%d channels, not a multiple of %d".formatted(extent.outputs(), multiple)));
  }

  Launch launch(Extent extent, Tile tile, Activation activation, Weights weights, Call call) {
    int outRows = ceilDiv(extent.rows(), STRIDE);
    int outColumns = ceilDiv(call.columns(), STRIDE);
    int shared = sharedBytes(extent, tile);
    kernels.allowShared(kernel, shared, extent.key(kernels.mode()));
    GateSlots.Addresses gate = weights.gate();
    return Launch.of(
            kernel,
            new LaunchShape(
                ceilDiv(outColumns, TILE_COLUMNS),
                ceilDiv(outRows, tile.rows()),
                1,
                THREADS,
                1,
                1,
                shared),
            new ParamStruct()
                .address(call.in().address())
                .address(weights.weights())
                .address(weights.bias())
                .address(call.x().address())
                .address(gate.squeeze())
                .address(gate.squeezeBias())
                .address(gate.expand())
                .address(gate.expandBias())
                .address(call.columnClip())
                .address(call.out().address())
                .int32(call.in().stride())
                .int32(call.x().stride())
                .int32(call.out().stride())
                .int32(extent.rows())
                .int32(call.columns())
                .int32(extent.inputs())
                .int32(outRows)
                .int32(outColumns)
                .int32(extent.outputs())
                .int32(extent.inner())
                .int32(tile.rows())
                .clamp(activation)
                .arguments())
        .moving(
            ((long) extent.rows() * call.columns() * extent.inputs()
                        + extent.weights()
                        + 2L * outRows * outColumns * extent.outputs())
                    * kernels.mode().elementBytes()
                + (long) extent.outputs() * Float.BYTES
                + GateWeights.bytes(extent.outputs(), extent.inner(), kernels.mode())
                + (long) Integer.BYTES * outColumns);
  }

  /** Bytes of a block: rows of both inputs of the fusion, and the halo, which the gate reuses. */
  private int sharedBytes(Extent extent, Tile tile) {
    int element = kernels.mode().elementBytes();
    return tile.pixels() * (2 * extent.outputs() * element + PAD_BYTES)
        + Math.max(
            tile.halo() * (extent.inputs() * element + PAD_BYTES),
            tile.pixels() * (extent.inner() * element + PAD_BYTES));
  }
}
