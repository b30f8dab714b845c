package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.graph.Activation;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Launches {@code kernels/conv.cu}: convolution with bias, residual, clip and mask fused. */
final class ConvKernel {
  /** The methods and tile sizes there are. All sum an output in the same order. */
  enum Variant {
    SIMT_64X64(64),
    SIMT_64X32(32);

    private static final int PIXELS = 64;
    private static final int INNER = 16;
    private static final int PIXEL_ROW = PIXELS + 4;
    private final int channels;

    Variant(int channels) {
      this.channels = channels;
    }

    String entryPoint() {
      return "conv_" + name().toLowerCase(Locale.ROOT);
    }

    LaunchShape shape(long pixels, int outputs) {
      return new LaunchShape(
          ceilDiv(pixels, PIXELS),
          ceilDiv(outputs, channels),
          1,
          2 * channels,
          1,
          1,
          2 * INNER * (PIXEL_ROW + channels) * Float.BYTES);
    }
  }

  private final Map<Variant, Kernel> kernels = new EnumMap<>(Variant.class);

  ConvKernel(KernelSet kernels) {
    for (Variant variant : Variant.values()) {
      this.kernels.put(variant, kernels.kernelOfFormat("conv", variant.entryPoint()));
    }
  }

  /** What runs where nothing was measured. */
  static Variant usual(ConvLayer layer) {
    return layer.outputs() > 32 ? Variant.SIMT_64X64 : Variant.SIMT_64X32;
  }

  /**
   * @param weights address of (kernel, kernel, inputs, outputs)
   * @param bias address of (outputs)
   * @param columnClip address of the column table at the output's level
   * @param columns of the input
   */
  Launch launch(
      Variant variant,
      ConvLayer layer,
      Activation activation,
      long weights,
      long bias,
      ConvCall call,
      long columnClip,
      int columns) {
    int outColumns = layer.outColumns(columns);
    View residual = call.residual();
    return Launch.of(
        kernels.get(variant),
        variant.shape((long) layer.outRows() * outColumns, layer.outputs()),
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
            .arguments());
  }
}
