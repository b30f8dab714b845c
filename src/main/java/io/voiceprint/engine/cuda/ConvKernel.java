package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Launches {@code kernels/conv_simt.cu} and {@code kernels/conv_mma.cu}: convolution with bias,
 * residual, clip and mask fused.
 */
final class ConvKernel {
  /** How products are formed, and by which tiles. Methods of one family give the same bits. */
  enum Method {
    /** One multiply-add at a time, in float32. */
    SIMT,
    /** Tensor cores. */
    MMA,
    /** With small tiles where the larger leave multiprocessors idle: for short rows. */
    MMA_SHORT,
    /** With larger tiles where there are enough of them: for many channels. */
    MMA_WIDE;

    List<ConvTile> tiles() {
      return switch (this) {
        case SIMT -> List.of(ConvTile.SIMT_64X64, ConvTile.SIMT_64X32);
        case MMA -> MMA_TILES;
        case MMA_SHORT ->
            Stream.concat(MMA_TILES.stream(), Stream.of(ConvTile.MMA_32X64, ConvTile.MMA_32X32))
                .toList();
        case MMA_WIDE ->
            Stream.concat(Stream.of(ConvTile.MMA_128X128), MMA_TILES.stream()).toList();
      };
    }
  }

  private static final List<ConvTile> MMA_TILES =
      List.of(ConvTile.MMA_128X64, ConvTile.MMA_128X32, ConvTile.MMA_64X64, ConvTile.MMA_64X32);

  /** Tensor cores of Turing (7.5) know float16, those from Ampere (8.0) on TF32 too. */
  private static final int TF32_COMPUTE_CAPABILITY = 80;

  private final MathMode mode;
  private final List<Method> methods;
  private final int multiprocessors;
  private final Map<ConvTile, Kernel> kernels = new EnumMap<>(ConvTile.class);

  ConvKernel(KernelSet kernels) {
    mode = kernels.mode();
    int largest = kernels.device().maxSharedBytesPerBlock();
    methods =
        methods(mode, kernels.device().computeCapability()).stream()
            .filter(method -> method.tiles().stream().allMatch(t -> t.sharedBytes() <= largest))
            .toList();
    multiprocessors = kernels.device().multiprocessors();
    for (Method method : methods) {
      for (ConvTile tile : method.tiles()) {
        Kernel kernel = kernels.kernel(tile.family().source(), tile.entryPoint(mode));
        kernels.allowShared(kernel, tile.sharedBytes(), "convolution by tiles " + tile);
        this.kernels.put(tile, kernel);
      }
    }
  }

  /** The methods there are on a card, the one to prefer first. */
  static List<Method> methods(MathMode mode, int computeCapability) {
    boolean tensorCores =
        mode == MathMode.FP16
            || (mode == MathMode.TF32 && computeCapability >= TF32_COMPUTE_CAPABILITY);
    return tensorCores
        ? List.of(Method.MMA, Method.MMA_SHORT, Method.MMA_WIDE, Method.SIMT)
        : List.of(Method.SIMT);
  }

  List<Method> methods() {
    return methods;
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
    ConvTile tile = tile(method, pixels, layer.outputs());
    View residual = call.residual();
    return Launch.of(
            kernels.get(tile),
            tile.shape(pixels, layer.outputs()),
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

  /** The largest tile that wastes no channels and still gives every multiprocessor two blocks. */
  private ConvTile tile(Method method, long pixels, int outputs) {
    ConvTile best = null;
    for (ConvTile tile : method.tiles()) {
      if (outputs > tile.channels() / 2 || tile.channels() == 32) {
        best = tile;
        if (tile.blocks(pixels, outputs) >= 2L * multiprocessors) {
          break;
        }
      }
    }
    return best;
  }
}
