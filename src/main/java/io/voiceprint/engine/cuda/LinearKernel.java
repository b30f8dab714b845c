package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.graph.Activation;

/** Launches {@code kernels/linear.cu}: a fully connected layer on the clips' vectors. */
final class LinearKernel {
  private static final int CLIPS = 4;
  private static final int THREADS = 128;
  private static final int WARPS = THREADS / 32;

  private final Kernel kernel;
  private final int weightBytes;

  LinearKernel(KernelSet kernels) {
    kernel = kernels.kernelOfFormat("linear", "linear");
    weightBytes = kernels.mode().elementBytes();
  }

  /**
   * @param x address of (clips, inputs), float32
   * @param weights address of (outputs, inputs)
   * @param bias address of (outputs)
   * @param out address of (clips, outputs), float32
   */
  Launch launch(
      long x,
      long weights,
      long bias,
      long out,
      int clipCount,
      int inputs,
      int outputs,
      Activation activation) {
    return Launch.of(
            kernel,
            new LaunchShape(
                outputs, ceilDiv(clipCount, CLIPS), 1, THREADS, 1, 1, WARPS * Float.BYTES),
            new ParamStruct()
                .address(x)
                .address(weights)
                .address(bias)
                .address(out)
                .int32(clipCount)
                .int32(inputs)
                .int32(outputs)
                .clamp(activation)
                .arguments())
        .moving(
            (long) inputs * outputs * weightBytes
                + ((long) clipCount * (inputs + outputs) + outputs) * Float.BYTES);
  }
}
