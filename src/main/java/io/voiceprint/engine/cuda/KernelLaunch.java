package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import java.util.OptionalLong;

/**
 * A launch of one of our own kernels.
 *
 * @param bytes see {@link Launch#bytes}
 */
record KernelLaunch(
    Kernel kernel, LaunchShape shape, Kernel.Arguments arguments, OptionalLong bytes)
    implements Launch {

  /** The same, which moves so many {@link #bytes}. */
  KernelLaunch moving(long bytes) {
    return new KernelLaunch(kernel, shape, arguments, OptionalLong.of(bytes));
  }

  @Override
  public void enqueue(CudaStream stream) {
    kernel.launch(stream, shape, arguments);
  }
}
