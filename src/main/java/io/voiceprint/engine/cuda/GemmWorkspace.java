package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.DeviceMemory;

/**
 * cuBLAS's scratch memory of a lane, taken when it is first needed. Work that runs on the lane's
 * stream, one piece after the other, may share it, whichever handle queued it. Thread-safe.
 */
final class GemmWorkspace {
  /** What NVIDIA recommends for Hopper; older cards need 4 MiB. */
  private static final long BYTES = 32L << 20;

  private final CudaContext context;
  private final String stream;
  private DeviceMemory memory;

  /**
   * @param stream name of the lane's, for messages
   */
  GemmWorkspace(CudaContext context, String stream) {
    this.context = context;
    this.stream = stream;
  }

  synchronized DeviceMemory memory() {
    if (memory == null) {
      memory = new DeviceMemory(context, "cuBLAS workspace of " + stream, BYTES);
    }
    return memory;
  }
}
