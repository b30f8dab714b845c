package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import java.util.EnumMap;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Launches {@code kernels/conv_simt.cu}, {@code kernels/conv_mma.cu} and {@code
 * kernels/conv_mma_persistent.cu}: convolution with bias, residual, clip and mask fused.
 */
final class ConvKernel {
  /**
   * How products are formed, and by which tiles. All methods on tensor cores give the same bits,
   * but for the one that splits the inner extent.
   */
  enum Method {
    /** One multiply-add at a time, in float32. */
    SIMT,
    /** Tensor cores. */
    MMA,
    /** With small tiles where the larger leave multiprocessors idle: for short rows. */
    MMA_SHORT,
    /** With larger tiles where there are enough of them: for many channels. */
    MMA_WIDE,
    /** The inner extent split over the warps of a block: for few pixels and a long inner extent. */
    MMA_SPLIT,
    /** Blocks that keep their weights for several tiles: for a short inner extent. */
    MMA_PERSISTENT;

    List<ConvTile> tiles() {
      return switch (this) {
        case SIMT -> List.of(ConvTile.SIMT_64X64, ConvTile.SIMT_64X32);
        case MMA -> MMA_TILES;
        case MMA_SHORT ->
            Stream.concat(MMA_TILES.stream(), Stream.of(ConvTile.MMA_32X64, ConvTile.MMA_32X32))
                .toList();
        case MMA_WIDE ->
            Stream.concat(Stream.of(ConvTile.MMA_128X128), MMA_TILES.stream()).toList();
        case MMA_SPLIT -> List.of(ConvTile.MMA_SPLIT_64X64, ConvTile.MMA_SPLIT_32X32);
        case MMA_PERSISTENT ->
            List.of(ConvTile.MMA_PERSISTENT_64X64, ConvTile.MMA_PERSISTENT_64X32);
      };
    }
  }

  private static final List<ConvTile> MMA_TILES =
      List.of(ConvTile.MMA_128X64, ConvTile.MMA_128X32, ConvTile.MMA_64X64, ConvTile.MMA_64X32);

  /** Tensor cores of Turing (7.5) know float16, those from Ampere (8.0) on TF32 too. */
  private static final int TF32_COMPUTE_CAPABILITY = 80;

  /** What the system takes of a multiprocessor's shared memory for each block, from 8.0 on. */
  private static final int RESERVED_SHARED_BYTES = 1024;

  private final KernelSet kernels;
  private final MathMode mode;
  private final List<Method> methods;
  private final Map<ConvTile, Kernel> byTile = new EnumMap<>(ConvTile.class);

  ConvKernel(KernelSet kernels) {
    this.kernels = kernels;
    mode = kernels.mode();
    methods = methods(mode).stream().filter(this::isOnDevice).toList();
    for (Method method : methods) {
      for (ConvTile tile : method.tiles()) {
        byTile.put(tile, kernels.kernel(tile.family().source(), tile.entryPoint(mode)));
      }
    }
  }

  /** The methods there are for a format, the one to prefer first. */
  static List<Method> methods(MathMode mode) {
    return mode == MathMode.FP32
        ? List.of(Method.SIMT)
        : List.of(
            Method.MMA,
            Method.MMA_SHORT,
            Method.MMA_WIDE,
            Method.MMA_SPLIT,
            Method.MMA_PERSISTENT,
            Method.SIMT);
  }

  private boolean isOnDevice(Method method) {
    return method == Method.SIMT
        || mode != MathMode.TF32
        || kernels.device().computeCapability() >= TF32_COMPUTE_CAPABILITY;
  }

  /** The methods there are, for some layer at least; the one to prefer first. */
  List<Method> methods() {
    return methods;
  }

  /** The methods by which this device can compute a layer. */
  List<Method> methods(ConvLayer layer) {
    return methods.stream().filter(method -> obstacle(method, layer).isEmpty()).toList();
  }

  /** Why this device cannot compute a layer by a method of its format; empty if it can. */
  Optional<String> obstacle(Method method, ConvLayer layer) {
    if (!methods.contains(method)) {
      return Optional.of("tensor cores take TF32 from compute capability 8.0 on");
    }
    IntSummaryStatistics bytes =
        method.tiles().stream().mapToInt(tile -> tile.sharedBytes(layer, mode)).summaryStatistics();
    // Where blocks keep their weights the narrower tile will do; the others are what their largest
    // tile makes them.
    return kernels.sharedObstacle(
        method == Method.MMA_PERSISTENT ? bytes.getMin() : bytes.getMax());
  }

  private List<ConvTile> tiles(Method method, ConvLayer layer) {
    return method.tiles().stream()
        .filter(tile -> kernels.sharedObstacle(tile.sharedBytes(layer, mode)).isEmpty())
        .toList();
  }

  /**
   * @param weights address of (kernelF, kernelT, inputs, outputs)
   * @param bias address of (outputs)
   * @param columnClip address of the column table at the output's level
   * @param clips address of the clip table
   * @param columns of the input
   */
  Launch launch(
      Method method,
      ConvLayer layer,
      Activation activation,
      long weights,
      long bias,
      ConvCall call,
      long columnClip,
      long clips,
      int columns) {
    int outColumns = layer.outColumns(columns);
    long pixels = (long) layer.outRows() * outColumns;
    ConvTile tile = tile(method, layer, pixels);
    View residual = call.residual();
    return Launch.of(
            byTile.get(tile),
            shape(tile, layer, pixels),
            new ParamStruct()
                .address(call.x().address())
                .address(weights)
                .address(bias)
                .address(residual == null ? 0 : residual.address())
                .address(columnClip)
                .address(layer.mirrors() ? clips : 0)
                .address(call.y().address())
                .int32(call.x().stride())
                .int32(residual == null ? 0 : residual.stride())
                .int32(call.y().stride())
                .int32(layer.rows())
                .int32(columns)
                .int32(layer.inputs())
                .int32(layer.outRows())
                .int32(outColumns)
                .int32(layer.outputs())
                .int32(layer.kernelF())
                .int32(layer.kernelT())
                .int32(layer.geometry().strideF())
                .int32(layer.geometry().strideT())
                .int32(layer.geometry().dilationT())
                .int32(layer.timeStride())
                .clamp(activation)
                .arguments())
        .moving(layer.bytes(mode, columns, residual != null));
  }

  /**
   * The largest tile that wastes no channels and still gives every multiprocessor two blocks. The
   * smallest, if none does.
   */
  private ConvTile tile(Method method, ConvLayer layer, long pixels) {
    int outputs = layer.outputs();
    ConvTile best = null;
    for (ConvTile tile : tiles(method, layer)) {
      if (outputs > tile.channels() / 2 || tile.channels() == 32) {
        best = tile;
        if (tile.tiles(pixels, outputs) >= 2L * kernels.device().multiprocessors()
            && (method != Method.MMA_PERSISTENT || twoFit(tile, layer))) {
          break;
        }
      }
    }
    return best;
  }

  /** Whether two blocks share a multiprocessor, so that one computes while the other finishes. */
  private boolean twoFit(ConvTile tile, ConvLayer layer) {
    return 2 * (tile.sharedBytes(layer, mode) + RESERVED_SHARED_BYTES)
        <= kernels.device().sharedBytesPerMultiprocessor();
  }

  private LaunchShape shape(ConvTile tile, ConvLayer layer, long pixels) {
    Kernel kernel = byTile.get(tile);
    int shared = tile.sharedBytes(layer, mode);
    kernels.allowShared(kernel, shared, "convolution by tiles " + tile);
    int blocks = tile.pixelTiles(pixels);
    int channelTiles = tile.channelTiles(layer.outputs());
    if (tile.family() == ConvTile.Family.MMA_PERSISTENT) {
      int atOnce =
          kernels.device().multiprocessors() * kernel.residentBlocks(tile.threads(), shared);
      // As many tiles for every block, or one fewer.
      blocks = ceilDiv(blocks, ceilDiv(blocks, Math.max(1, atOnce / channelTiles)));
    }
    return new LaunchShape(blocks, channelTiles, 1, tile.threads(), 1, 1, shared);
  }
}
