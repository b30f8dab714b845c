package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Activation;
import java.util.List;

/** A convolution by our own kernel, everything behind it fused. Exact in any company. */
final class KernelConvolution implements ConvImplementation {
  private final ConvKernel kernel;
  private final ConvKernel.Method method;
  private final ConvLayer layer;
  private final Activation activation;
  private final WeightStore.Slot weights;
  private final WeightStore.Slot bias;

  /**
   * @param weights (kernelF, kernelT, inputs, outputs)
   */
  KernelConvolution(
      ConvKernel kernel,
      ConvKernel.Method method,
      ConvLayer layer,
      Activation activation,
      WeightStore.Slot weights,
      WeightStore.Slot bias) {
    this.kernel = kernel;
    this.method = method;
    this.layer = layer;
    this.activation = activation;
    this.weights = weights;
    this.bias = bias;
  }

  @Override
  public void plan(ConvCall call, RowPlan row, long scratch, List<Launch> launches) {
    launches.add(
        kernel.launch(
            method,
            layer,
            activation,
            weights.address(),
            bias.address(),
            call,
            row.columnClip(layer.outTimeStride()),
            row.clips(),
            row.columns(layer.timeStride())));
  }
}
