package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Launches {@code kernels/res_block_mma.cu} and {@code kernels/res_block_simt.cu}: a residual block
 * in one kernel. Its bits are those of the separate kernels of the same method.
 */
final class ResBlockKernel {
  private static final int THREADS = 256;
  private static final int PAD_BYTES = 16;

  private final KernelSet kernels;
  private final Kernel kernel;

  ResBlockKernel(KernelSet kernels) {
    this.kernels = kernels;
    this.kernel = kernels.products.kernel("res_block");
  }

  /**
   * The extents of a block that do not depend on the row.
   *
   * @param rows F of the input
   * @param timeStride of the input
   * @param inputs I
   * @param part P, channels of a part
   * @param parts S
   * @param convolutions n, as many as parts or one fewer
   * @param gate R, channels within a gate, padding included; 0 where parts are added
   * @param outputs O
   * @param stride of the first convolution
   * @param projects whether the shortcut is a convolution
   */
  record Extent(
      int rows,
      int timeStride,
      int inputs,
      int part,
      int parts,
      int convolutions,
      int gate,
      int outputs,
      int stride,
      boolean projects) {
    int hidden() {
      return part * parts;
    }

    /** Elements of all weights. */
    long weights() {
      return (long) inputs * hidden()
          + (long) convolutions * 9 * part * part
          + (convolutions - 1L) * 3 * part * gate
          + (long) hidden() * outputs
          + (projects ? (long) inputs * outputs : 0);
    }

    /** The block's name in a tuning file. */
    String key(MathMode mode) {
      return String.format(
          Locale.ROOT,
          "block %s F%d T/%d I%d P%dx%d n%d R%d O%d s%d%s",
          mode,
          rows,
          timeStride,
          inputs,
          part,
          parts,
          convolutions,
          gate,
          outputs,
          stride,
          projects ? " projected" : "");
    }
  }

  /** Output positions of one thread block. All tiles give the same bits. */
  record Tile(int rows, int columns) {
    static final List<Tile> ALL =
        List.of(new Tile(8, 16), new Tile(8, 8), new Tile(4, 16), new Tile(4, 8), new Tile(4, 4));

    @Override
    public String toString() {
      return rows + "x" + columns;
    }
  }

  /**
   * The addresses of a block's weights, as {@link RowProducts} packs them, and of its biases.
   *
   * @param chain of all its convolutions, one behind the other
   * @param squeeze of all its gates, likewise; 0 if it has none
   * @param project 0 if the block does not project
   */
  record Weights(
      long reduce,
      long chain,
      long squeeze,
      long widen,
      long expand,
      long project,
      long reduceBias,
      long chainBias,
      long squeezeBias,
      long widenBias,
      long expandBias,
      long projectBias) {}

  /** The tiles by which this device can compute a block; none if its channels do not fit. */
  List<Tile> tiles(Extent extent) {
    return Tile.ALL.stream().filter(tile -> obstacle(extent, tile).isEmpty()).toList();
  }

  /** Why this device cannot compute a block by a tile; empty if it can. */
  Optional<String> obstacle(Extent extent, Tile tile) {
    return Stream.of(extent.inputs(), extent.part(), extent.outputs())
        .flatMap(channels -> kernels.products.obstacle(channels).stream())
        .findFirst()
        .or(() -> kernels.sharedObstacle(sharedBytes(extent, tile)));
  }

  /**
   * @param columnClip address of the column table at the output's level
   * @param columns of the input
   */
  Launch launch(
      Extent extent,
      Tile tile,
      Activation activation,
      Weights weights,
      View x,
      View y,
      long columnClip,
      int columns) {
    int outRows = ceilDiv(extent.rows(), extent.stride());
    int outColumns = ceilDiv(columns, extent.stride());
    int shared = sharedBytes(extent, tile);
    kernels.allowShared(kernel, shared, extent.key(kernels.mode()));
    return Launch.of(
            kernel,
            new LaunchShape(
                ceilDiv(outColumns, tile.columns()),
                ceilDiv(outRows, tile.rows()),
                1,
                THREADS,
                1,
                1,
                shared),
            new ParamStruct()
                .address(x.address())
                .address(weights.reduce())
                .address(weights.chain())
                .address(weights.squeeze())
                .address(weights.widen())
                .address(weights.expand())
                .address(weights.project())
                .address(weights.reduceBias())
                .address(weights.chainBias())
                .address(weights.squeezeBias())
                .address(weights.widenBias())
                .address(weights.expandBias())
                .address(weights.projectBias())
                .address(columnClip)
                .address(y.address())
                .int32(x.stride())
                .int32(y.stride())
                .int32(extent.rows())
                .int32(columns)
                .int32(extent.inputs())
                .int32(outRows)
                .int32(outColumns)
                .int32(extent.outputs())
                .int32(extent.part())
                .int32(extent.parts())
                .int32(extent.convolutions())
                .int32(extent.gate())
                .int32(extent.stride())
                .int32(tile.rows())
                .int32(tile.columns())
                .clamp(activation)
                .arguments())
        .moving(
            ((long) extent.rows() * columns * extent.inputs()
                        + extent.weights()
                        + (long) outRows * outColumns * extent.outputs())
                    * kernels.mode().elementBytes()
                + (long) Integer.BYTES * outColumns);
  }

  private int sharedBytes(Extent extent, Tile tile) {
    int reach = 2 * extent.convolutions();
    int halo = (tile.rows() + reach) * (tile.columns() + reach);
    int element = kernels.mode().elementBytes();
    int inputBytes = extent.inputs() * element + PAD_BYTES;
    int hiddenBytes = extent.hidden() * element + PAD_BYTES;
    int gateBytes =
        extent.gate() == 0 ? 0 : (extent.part() + extent.gate()) * element + 2 * PAD_BYTES;
    return halo * (inputBytes + hiddenBytes + gateBytes)
        + tile.rows() * tile.columns() * hiddenBytes
        + (tile.columns() + reach) * Integer.BYTES;
  }
}
