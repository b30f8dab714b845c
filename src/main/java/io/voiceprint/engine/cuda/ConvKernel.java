package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Launches {@code kernels/conv.cu}: convolution with bias, residual, clip and mask fused. */
final class ConvKernel {
  /** How products are formed; each has an order of summation of its own. */
  enum Method {
    /** One multiply-add at a time, in float32. */
    SIMT,
    /** Tensor cores. */
    MMA
  }

  /** The part of the output that one block computes. All tiles of a method give the same bits. */
  private enum Tile {
    SIMT_64X64(Method.SIMT, 64, 64),
    SIMT_64X32(Method.SIMT, 64, 32),
    MMA_128X64(Method.MMA, 128, 64),
    MMA_128X32(Method.MMA, 128, 32),
    MMA_64X64(Method.MMA, 64, 64),
    MMA_64X32(Method.MMA, 64, 32);

    private final Method method;
    private final int pixels;
    private final int channels;

    Tile(Method method, int pixels, int channels) {
      this.method = method;
      this.pixels = pixels;
      this.channels = channels;
    }

    String entryPoint(MathMode mode) {
      String format =
          switch (mode) {
            case FP16 -> "f16";
            case FP32 -> "f32";
            case TF32 -> method == Method.MMA ? "tf32" : "f32";
          };
      String way = method == Method.MMA ? "mma" : "simt";
      return "conv_%s_%dx%d_%s".formatted(way, pixels, channels, format);
    }

    long blocks(long outPixels, int outputs) {
      return (long) ceilDiv(outPixels, pixels) * ceilDiv(outputs, channels);
    }

    LaunchShape shape(long outPixels, int outputs) {
      return new LaunchShape(
          ceilDiv(outPixels, pixels),
          ceilDiv(outputs, channels),
          1,
          method == Method.MMA ? MMA_THREADS : 2 * channels,
          1,
          1,
          method == Method.MMA
              ? MMA_STAGES * (pixels * MMA_PIXEL_BYTES + (channels + 8) * MMA_STEP_BYTES)
              : 2 * SIMT_INNER * (pixels + 4 + channels) * Float.BYTES);
    }
  }

  private static final int MMA_THREADS = 128;
  private static final int MMA_STAGES = 3;
  private static final int MMA_STEP_BYTES = 64;
  private static final int MMA_PIXEL_BYTES = 80;
  private static final int SIMT_INNER = 16;

  /** Tensor cores of Turing (7.5) know float16, those from Ampere (8.0) on TF32 too. */
  private static final int TF32_COMPUTE_CAPABILITY = 80;

  private final MathMode mode;
  private final List<Method> methods;
  private final int multiprocessors;
  private final Map<Tile, Kernel> kernels = new EnumMap<>(Tile.class);

  ConvKernel(KernelSet kernels) {
    mode = kernels.mode();
    methods = methods(kernels.mode(), kernels.device().computeCapability());
    multiprocessors = kernels.device().multiprocessors();
    for (Tile tile : Tile.values()) {
      if (methods.contains(tile.method)) {
        this.kernels.put(tile, kernels.kernel("conv", tile.entryPoint(kernels.mode())));
      }
    }
  }

  /** The methods there are on a card, the one to prefer first. */
  static List<Method> methods(MathMode mode, int computeCapability) {
    boolean tensorCores =
        mode == MathMode.FP16
            || (mode == MathMode.TF32 && computeCapability >= TF32_COMPUTE_CAPABILITY);
    return tensorCores ? List.of(Method.MMA, Method.SIMT) : List.of(Method.SIMT);
  }

  List<Method> methods() {
    return methods;
  }

  /**
   * @param weights address of (kernel, kernel, inputs, outputs)
   * @param bias address of (outputs)
   * @param columnClip address of the column table at the output's level
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
      int columns) {
    int outColumns = layer.outColumns(columns);
    long pixels = (long) layer.outRows() * outColumns;
    Tile tile = tile(method, pixels, layer.outputs());
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
                .int32(layer.kernel())
                .int32(layer.stride())
                .clamp(activation)
                .arguments())
        .moving(layer.bytes(mode, columns, residual != null));
  }

  /** The largest tile that wastes no channels and still gives every multiprocessor two blocks. */
  private Tile tile(Method method, long pixels, int outputs) {
    Tile best = null;
    for (Tile tile : Tile.values()) {
      boolean fits = tile.channels == 32 || outputs > 32;
      if (tile.method == method && fits) {
        best = tile;
        if (tile.blocks(pixels, outputs) >= 2L * multiprocessors) {
          break;
        }
      }
    }
    return best;
  }
}
