package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import java.util.OptionalLong;

/** Something ready to be queued on a lane's stream, as often as wanted. */
interface Launch {
  void enqueue(CudaStream stream);

  /**
   * Bytes that it must read and write, each array counted once: what it would move between memory
   * and an ideal cache. Empty where that is not known, as for a library's calls.
   */
  default OptionalLong bytes() {
    return OptionalLong.empty();
  }

  /** A kernel with its arguments. */
  static KernelLaunch of(Kernel kernel, LaunchShape shape, Kernel.Arguments arguments) {
    return new KernelLaunch(kernel, shape, arguments, OptionalLong.empty());
  }
}
