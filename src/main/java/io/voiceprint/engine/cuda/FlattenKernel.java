package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.cuda.MathMode;

/** Launches {@code kernels/flatten.cu}: channels and frequencies become channels. */
final class FlattenKernel {
  private static final int THREADS = 256;

  private final Kernel ofMap;
  private final Kernel ofFeatures;
  private final int elementBytes;

  FlattenKernel(KernelSet kernels) {
    elementBytes = kernels.mode().elementBytes();
    ofMap = kernels.kernelOfFormat("flatten", "flatten");
    ofFeatures =
        kernels.mode() == MathMode.FP16 ? kernels.kernel("flatten", "flatten_f32_to_f16") : ofMap;
  }

  /**
   * Where channel j of the output comes from.
   *
   * @param rows address of (outputs): the row of x, -1 where the output is padded
   * @param channels address of (outputs): the channel of x
   */
  record Sources(long rows, long channels) {}

  /**
   * @param x (F, columns, C)
   * @param y (columns, outputs)
   */
  Launch map(View x, Sources sources, long columnClip, View y, int columns, int outputs) {
    return launch(
        ofMap,
        x.address(),
        (long) columns * x.stride(),
        x.stride(),
        sources,
        columnClip,
        y,
        columns,
        outputs);
  }

  /**
   * @param features address of (columns, melBins), float32
   */
  Launch features(
      long features,
      int melBins,
      Sources sources,
      long columnClip,
      View y,
      int columns,
      int outputs) {
    return launch(ofFeatures, features, 1, melBins, sources, columnClip, y, columns, outputs);
  }

  private Launch launch(
      Kernel kernel,
      long x,
      long rowStride,
      int columnStride,
      Sources sources,
      long columnClip,
      View y,
      int columns,
      int outputs) {
    long octets = (long) columns * (outputs / ChannelLayout.OCTET);
    return Launch.of(
            kernel,
            LaunchShape.linear(ceilDiv(octets, THREADS), THREADS, 0),
            new ParamStruct()
                .address(x)
                .address(sources.rows())
                .address(sources.channels())
                .address(columnClip)
                .address(y.address())
                .int64(rowStride)
                .int32(columnStride)
                .int32(y.stride())
                .int32(columns)
                .int32(outputs)
                .arguments())
        .moving(2 * octets * ChannelLayout.OCTET * elementBytes);
  }
}
