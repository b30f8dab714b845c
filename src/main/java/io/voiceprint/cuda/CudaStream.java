package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import jcuda.runtime.cudaStream_t;

/**
 * A queue of work on the device. It does not wait for the legacy default stream. Addresses are
 * device addresses; nothing here waits unless it says so.
 */
public final class CudaStream extends CudaResource {
  private final CUstream handle = new CUstream();
  private final cudaStream_t runtimeHandle;
  private boolean capturing;

  /**
   * @param what what it is for, for messages
   */
  public CudaStream(CudaContext context, String what) {
    super(context, "stream '" + what + "'");
    int status = JCudaDriver.cuStreamCreate(handle, CUstream_flags.CU_STREAM_NON_BLOCKING);
    if (status != SUCCESS) {
      throw context.failed("cuStreamCreate", status, name());
    }
    runtimeHandle = new cudaStream_t(handle);
    opened();
  }

  /** Copies from the host to the device. The host must leave the bytes alone until it is done. */
  public void upload(long target, PinnedBuffer source, long sourceOffset, long bytes) {
    use();
    int status =
        JCudaDriver.cuMemcpyHtoDAsync(
            new DevicePointer(target), source.pointer(sourceOffset, bytes), bytes, handle);
    check("cuMemcpyHtoDAsync", status, source.name(), bytes);
  }

  /** Copies from the device to the host. */
  public void download(PinnedBuffer target, long targetOffset, long source, long bytes) {
    use();
    int status =
        JCudaDriver.cuMemcpyDtoHAsync(
            target.pointer(targetOffset, bytes), new DevicePointer(source), bytes, handle);
    check("cuMemcpyDtoHAsync", status, target.name(), bytes);
  }

  /** Copies within the device; the ranges must not overlap. */
  public void copy(long target, long source, long bytes) {
    use();
    int status =
        JCudaDriver.cuMemcpyDtoDAsync(
            new DevicePointer(target), new DevicePointer(source), bytes, handle);
    check("cuMemcpyDtoDAsync", status, "device to device", bytes);
  }

  /** Sets device bytes to zero. */
  public void zero(long target, long bytes) {
    use();
    int status = JCudaDriver.cuMemsetD8Async(new DevicePointer(target), (byte) 0, bytes, handle);
    check("cuMemsetD8Async", status, "zero", bytes);
  }

  /** Makes what is queued from now on wait for an event that was recorded, on any stream. */
  public void await(CudaEvent event) {
    use();
    event.use();
    check(
        "cuStreamWaitEvent",
        JCudaDriver.cuStreamWaitEvent(handle, event.handle(), 0),
        event.name(),
        0);
  }

  /** Waits on the host for everything queued here. */
  public void synchronize() {
    use();
    check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(handle), "", 0);
  }

  /** Whether everything queued here is done. */
  public boolean isIdle() {
    use();
    int status = JCudaDriver.cuStreamQuery(handle);
    if (status == CUresult.CUDA_ERROR_NOT_READY) {
      return false;
    }
    check("cuStreamQuery", status, "", 0);
    return true;
  }

  CUstream handle() {
    return handle;
  }

  /** The same stream as the runtime API's libraries (cuDNN, cuBLAS, cuFFT) want it. */
  cudaStream_t runtimeHandle() {
    return runtimeHandle;
  }

  boolean isCapturing() {
    return capturing;
  }

  void setCapturing(boolean capturing) {
    this.capturing = capturing;
  }

  /** With {@link CudaDebug#SYNC}: lets a launch answer for its own faults. */
  void afterLaunch(String launched) {
    if (CudaDebug.SYNC && !capturing) {
      check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(handle), "after " + launched, 0);
    }
  }

  private void check(String call, int status, String about, long bytes) {
    if (status != SUCCESS) {
      throw context.failed(
          call,
          status,
          name() + (about.isEmpty() ? "" : ", " + about) + (bytes == 0 ? "" : ", bytes=" + bytes));
    }
  }

  @Override
  void release() {
    check("cuStreamDestroy", JCudaDriver.cuStreamDestroy(handle), "", 0);
  }
}
