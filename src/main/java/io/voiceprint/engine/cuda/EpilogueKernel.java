package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.graph.Activation;

/** Launches {@code kernels/epilogue.cu}: what follows a library convolution, sums and copies. */
final class EpilogueKernel {
  private static final int THREADS = 256;

  private final int elementBytes;
  private final Kernel epilogue;
  private final Kernel addViews;
  private final Kernel copyView;

  EpilogueKernel(KernelSet kernels) {
    elementBytes = kernels.mode().elementBytes();
    epilogue = kernels.kernelOfFormat("epilogue", "epilogue");
    addViews = kernels.kernelOfFormat("epilogue", "add_views");
    copyView = kernels.kernelOfFormat("epilogue", "copy_view");
  }

  /** y = activation(x + bias + residual), zero in gap columns; residual may be {@code null}. */
  Launch epilogue(
      View x,
      long bias,
      View residual,
      long columnClip,
      View y,
      int rows,
      int columns,
      int channels,
      Activation activation) {
    return epilogue(x, 0, bias, residual, columnClip, y, rows, columns, channels, activation);
  }

  /** y = activation(scale · x + shift), zero in gap columns. */
  Launch affine(
      View x,
      long scale,
      long shift,
      long columnClip,
      View y,
      int rows,
      int columns,
      int channels,
      Activation activation) {
    return epilogue(x, scale, shift, null, columnClip, y, rows, columns, channels, activation);
  }

  private Launch epilogue(
      View x,
      long scale,
      long bias,
      View residual,
      long columnClip,
      View y,
      int rows,
      int columns,
      int channels,
      Activation activation) {
    return Launch.of(
            epilogue,
            shape(rows, columns, channels),
            new ParamStruct()
                .address(x.address())
                .address(residual == null ? 0 : residual.address())
                .address(scale)
                .address(bias)
                .address(columnClip)
                .address(y.address())
                .int32(x.stride())
                .int32(residual == null ? 0 : residual.stride())
                .int32(y.stride())
                .int32(columns)
                .int32(channels)
                .clamp(activation)
                .arguments())
        .moving(
            (residual == null ? 2 : 3) * elements(rows, columns, channels) * elementBytes
                + (long) Float.BYTES * channels
                + (long) Integer.BYTES * columns);
  }

  /** y = a + b. */
  Launch add(View a, View b, View y, int rows, int columns, int channels) {
    return Launch.of(
            addViews,
            shape(rows, columns, channels),
            new Kernel.Arguments()
                .address(a.address())
                .int32(a.stride())
                .address(b.address())
                .int32(b.stride())
                .address(y.address())
                .int32(y.stride())
                .int32(columns)
                .int32(channels))
        .moving(3 * elements(rows, columns, channels) * elementBytes);
  }

  /** y = x. */
  Launch copy(View x, View y, int rows, int columns, int channels) {
    return Launch.of(
            copyView,
            shape(rows, columns, channels),
            new Kernel.Arguments()
                .address(x.address())
                .int32(x.stride())
                .address(y.address())
                .int32(y.stride())
                .int32(columns)
                .int32(channels))
        .moving(2 * elements(rows, columns, channels) * elementBytes);
  }

  private static long elements(int rows, int columns, int channels) {
    return (long) rows * columns * channels;
  }

  private static LaunchShape shape(int rows, int columns, int channels) {
    int octets = channels / ChannelLayout.OCTET;
    return new LaunchShape(ceilDiv((long) columns * octets, THREADS), rows, 1, THREADS, 1, 1, 0);
  }
}
