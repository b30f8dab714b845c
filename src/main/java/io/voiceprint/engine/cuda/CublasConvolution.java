package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CublasGemm;
import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import java.util.List;

/**
 * A 1×1 convolution of stride 1 as one cuBLAS product over all pixels, then our epilogue. The
 * library may sum in another order for another number of pixels.
 */
final class CublasConvolution implements ConvImplementation {
  private final EpilogueKernel epilogue;
  private final MathMode mode;
  private final ConvLayer layer;
  private final Activation activation;
  private final WeightStore.Slot weights;
  private final WeightStore.Slot bias;

  /**
   * @param weights (outputs, inputs)
   */
  CublasConvolution(
      EpilogueKernel epilogue,
      MathMode mode,
      ConvLayer layer,
      Activation activation,
      WeightStore.Slot weights,
      WeightStore.Slot bias) {
    this.epilogue = epilogue;
    this.mode = mode;
    this.layer = layer;
    this.activation = activation;
    this.weights = weights;
    this.bias = bias;
  }

  static boolean supports(ConvLayer layer) {
    return layer.isSquare() && layer.kernelT() == 1 && layer.geometry().strideT() == 1;
  }

  /** Packed output, workspace. */
  @Override
  public long scratchBytes(RowSize row) {
    return outputBytes(row) + CublasGemm.WORKSPACE_BYTES;
  }

  private long outputBytes(RowSize row) {
    long pixels = (long) layer.rows() * row.columns(layer.timeStride());
    return DeviceMemory.align(pixels * layer.outputs() * mode.elementBytes());
  }

  @Override
  public void plan(ConvCall call, RowPlan row, long scratch, List<Launch> launches) {
    CublasGemm gemm = row.libraries().gemm();
    int columns = row.columns(layer.timeStride());
    CublasGemm.Shape shape =
        new CublasGemm.Shape(
            Math.multiplyExact(layer.rows(), columns),
            layer.outputs(),
            layer.inputs(),
            call.x().stride(),
            layer.inputs(),
            layer.outputs());
    row.libraries().beforeCapture(() -> gemm.warmUp(mode, shape, weights.address()));
    long workspace = scratch + outputBytes(row.row());
    launches.add(
        stream -> gemm.run(mode, shape, call.x().address(), weights.address(), scratch, workspace));
    launches.add(
        epilogue.epilogue(
            new View(scratch, layer.outputs()),
            bias.address(),
            call.residual(),
            row.columnClip(layer.timeStride()),
            call.y(),
            layer.rows(),
            columns,
            layer.outputs(),
            activation));
  }
}
