package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudnnConvolution;
import io.voiceprint.cuda.CudnnConvolution.Algorithm;
import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.engine.EngineException;
import io.voiceprint.graph.Activation;
import java.util.List;

/**
 * A convolution by one of cuDNN's algorithms on packed tensors, then our epilogue. The library may
 * sum in another order for another number of columns. A row so long that the library does not take
 * its tensors is left to our own kernel.
 */
final class CudnnLayer implements ConvImplementation {
  /** Most scratch memory that an algorithm is given. */
  static final long WORKSPACE_BYTES = 64L << 20;

  private final EpilogueKernel epilogue;
  private final MathMode mode;
  private final ConvLayer layer;
  private final String algorithm;
  private final Activation activation;
  private final WeightStore.Slot weights;
  private final WeightStore.Slot bias;
  private final KernelConvolution ofLongRows;

  /**
   * @param algorithm cuDNN's name of it
   * @param weights (outputs, kernel, kernel, inputs)
   * @param ofLongRows computes the same where tensors are too large for cuDNN
   */
  CudnnLayer(
      EpilogueKernel epilogue,
      MathMode mode,
      ConvLayer layer,
      String algorithm,
      Activation activation,
      WeightStore.Slot weights,
      WeightStore.Slot bias,
      KernelConvolution ofLongRows) {
    this.epilogue = epilogue;
    this.mode = mode;
    this.layer = layer;
    this.algorithm = algorithm;
    this.activation = activation;
    this.weights = weights;
    this.bias = bias;
    this.ofLongRows = ofLongRows;
  }

  static boolean supports(ConvLayer layer) {
    return layer.isSquare();
  }

  /**
   * Packed input, packed output, workspace. A row too long for cuDNN uses none of it, but {@link
   * RowLimits} counts on longer rows not taking less than shorter ones.
   */
  @Override
  public long scratchBytes(RowSize row) {
    return inputBytes(row) + outputBytes(row) + WORKSPACE_BYTES;
  }

  private long inputBytes(RowSize row) {
    long pixels = (long) layer.rows() * row.columns(layer.timeStride());
    return DeviceMemory.align(pixels * layer.inputs() * mode.elementBytes());
  }

  private long outputBytes(RowSize row) {
    long pixels = (long) layer.outRows() * row.columns(layer.outTimeStride());
    return DeviceMemory.align(pixels * layer.outputs() * mode.elementBytes());
  }

  @Override
  public void plan(ConvCall call, RowPlan row, long scratch, List<Launch> launches) {
    int columns = row.columns(layer.timeStride());
    int stride = layer.geometry().strideT();
    int pad = (layer.kernelT() - 1) / 2;
    CudnnConvolution convolution =
        row.libraries()
            .convolution(
                mode,
                new CudnnConvolution.Shape(
                    layer.rows(),
                    columns,
                    layer.inputs(),
                    layer.outputs(),
                    layer.kernelF(),
                    layer.kernelT(),
                    stride,
                    stride,
                    pad,
                    pad));
    List<Algorithm> offered = convolution.algorithms();
    if (offered.isEmpty()) {
      ofLongRows.plan(call, row, scratch, launches);
      return;
    }
    Algorithm chosen = chosenOf(offered);
    row.libraries().beforeCapture(() -> convolution.warmUp(chosen, weights.address()));
    long x = call.x().address();
    if (call.x().stride() != layer.inputs()) {
      x = scratch;
      launches.add(
          epilogue.copy(
              call.x(), new View(x, layer.inputs()), layer.rows(), columns, layer.inputs()));
    }
    long packedInput = x;
    long y = scratch + inputBytes(row.row());
    long workspace = y + outputBytes(row.row());
    launches.add(stream -> convolution.run(chosen, packedInput, weights.address(), y, workspace));
    launches.add(
        epilogue.epilogue(
            new View(y, layer.outputs()),
            bias.address(),
            call.residual(),
            row.columnClip(layer.outTimeStride()),
            call.y(),
            layer.outRows(),
            row.columns(layer.outTimeStride()),
            layer.outputs(),
            activation));
  }

  private Algorithm chosenOf(List<Algorithm> offered) {
    for (Algorithm candidate : offered) {
      if (candidate.name().equals(algorithm) && candidate.workspaceBytes() <= WORKSPACE_BYTES) {
        return candidate;
      }
    }
    throw new EngineException(
        "%s: cuDNN has no algorithm %s within %d bytes of workspace, only %s; tune again"
            .formatted(layer.key(mode), algorithm, WORKSPACE_BYTES, offered));
  }
}
