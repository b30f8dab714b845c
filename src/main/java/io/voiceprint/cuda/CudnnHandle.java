package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;

/** cuDNN on one stream. */
public final class CudnnHandle extends CudaResource {
  private final cudnnHandle handle = new cudnnHandle();
  private final CudaStream stream;
  private boolean used;

  public CudnnHandle(CudaStream stream) {
    super(stream.context, "cuDNN on " + stream.name());
    CudaLibraries.require(CudaLibrary.CUDNN);
    this.stream = stream;
    check("cudnnCreate", context.whileNobodyWaits(() -> JCudnn.cudnnCreate(handle)));
    opened(() -> check("cudnnSetStream", JCudnn.cudnnSetStream(handle, stream.runtimeHandle())));
  }

  /** Version of the library: 10000 × major + 100 × minor + patch from cuDNN 9 on. */
  public static long version() {
    CudaLibraries.require(CudaLibrary.CUDNN);
    return JCudnn.cudnnGetVersion();
  }

  cudnnHandle handle() {
    return handle;
  }

  CudaStream stream() {
    return stream;
  }

  /** Whether anything was queued through it. */
  boolean isUsed() {
    return used;
  }

  void markUsed() {
    used = true;
  }

  private void check(String call, int status) {
    if (status != SUCCESS) {
      throw context.failed(Failure.cudnn(call, status, name()));
    }
  }

  @Override
  void release() {
    check("cudnnDestroy", context.whileNobodyWaits(() -> JCudnn.cudnnDestroy(handle)));
  }
}
