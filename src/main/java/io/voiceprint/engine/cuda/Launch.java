package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;

/** Something ready to be queued on a lane's stream, as often as wanted. */
interface Launch {
  void enqueue(CudaStream stream);

  /** A kernel with its arguments. */
  static Launch of(Kernel kernel, LaunchShape shape, Kernel.Arguments arguments) {
    return stream -> kernel.launch(stream, shape, arguments);
  }
}
