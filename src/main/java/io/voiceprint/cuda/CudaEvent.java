package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** A mark in a stream: it can be waited for, and two of them measure time on the device. */
public final class CudaEvent extends CudaResource {
  private final CUevent handle = new CUevent();

  /**
   * @param what what it is for, for messages
   */
  public CudaEvent(CudaContext context, String what) {
    super(context, "event '" + what + "'");
    check("cuEventCreate", JCudaDriver.cuEventCreate(handle, CUevent_flags.CU_EVENT_DEFAULT));
    opened();
  }

  /** Sets the mark behind everything queued on the stream so far. */
  public void record(CudaStream stream) {
    use();
    stream.use();
    check("cuEventRecord", JCudaDriver.cuEventRecord(handle, stream.handle()));
  }

  /** Whether the mark was reached; true if it was never set. */
  public boolean isDone() {
    use();
    int status = JCudaDriver.cuEventQuery(handle);
    if (status == CUresult.CUDA_ERROR_NOT_READY) {
      return false;
    }
    check("cuEventQuery", status);
    return true;
  }

  /** Waits on the host until the mark is reached. */
  public void synchronize() {
    use();
    check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(handle));
  }

  /**
   * Time on the device from another mark to this one, both reached.
   *
   * @return milliseconds, with a resolution of about half a microsecond
   */
  public float elapsedMs(CudaEvent start) {
    use();
    start.use();
    float[] milliseconds = new float[1];
    check("cuEventElapsedTime", JCudaDriver.cuEventElapsedTime(milliseconds, start.handle, handle));
    return milliseconds[0];
  }

  CUevent handle() {
    return handle;
  }

  private void check(String call, int status) {
    if (status != SUCCESS) {
      throw context.failed(call, status, name());
    }
  }

  @Override
  void release() {
    check("cuEventDestroy", JCudaDriver.cuEventDestroy(handle));
  }
}
