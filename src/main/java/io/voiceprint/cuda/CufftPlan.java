package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import jcuda.jcufft.JCufft;
import jcuda.jcufft.cufftHandle;
import jcuda.jcufft.cufftType;

/**
 * A batch of one-dimensional transforms from real to complex float32: from (batch, length) to
 * (batch, length / 2 + 1) pairs of real and imaginary part, unscaled.
 */
public final class CufftPlan extends CudaResource {
  private final cufftHandle handle = new cufftHandle();
  private final CudaStream stream;
  private final int length;
  private final int batch;
  private final long[] workBytes = new long[1];
  private long work;

  /**
   * @param length real samples of one transform, at least 2
   * @param batch number of transforms, at least 1
   */
  public CufftPlan(CudaStream stream, int length, int batch) {
    super(stream.context, "cuFFT plan, length=" + length + ", batch=" + batch);
    if (length < 2 || batch < 1) {
      throw new IllegalArgumentException(name() + ": length must be at least 2, batch at least 1");
    }
    CudaLibraries.require(CudaLibrary.CUFFT);
    this.stream = stream;
    this.length = length;
    this.batch = batch;
    check("cufftCreate", JCufft.cufftCreate(handle));
    opened(this::setUp);
  }

  private void setUp() {
    int bins = length / 2 + 1;
    check("cufftSetAutoAllocation", JCufft.cufftSetAutoAllocation(handle, 0));
    check(
        "cufftMakePlanMany",
        context.whileNobodyWaits(
            () ->
                JCufft.cufftMakePlanMany(
                    handle,
                    1,
                    new int[] {length},
                    new int[] {length},
                    1,
                    length,
                    new int[] {bins},
                    1,
                    bins,
                    cufftType.CUFFT_R2C,
                    batch,
                    workBytes)));
    check("cufftSetStream", JCufft.cufftSetStream(handle, stream.runtimeHandle()));
  }

  /**
   * Gives the library its scratch memory for the transforms that are queued from now on. To be
   * called before a capture, since NVIDIA does not say whether it may be part of one.
   *
   * @param work address of {@link #workBytes()}
   */
  public void takeWork(long work) {
    use();
    if (workBytes() > 0 && work != this.work) {
      check("cufftSetWorkArea", JCufft.cufftSetWorkArea(handle, new DevicePointer(work)));
      this.work = work;
    }
  }

  /**
   * Queues the transforms.
   *
   * @param input address of (batch, length) floats
   * @param output address of (batch, length / 2 + 1) complex floats, apart from the input
   * @param work address of {@link #workBytes()} of scratch memory, apart from both; in a capture
   *     what {@link #takeWork} was given last
   */
  public void run(long input, long output, long work) {
    use();
    stream.use();
    takeWork(work);
    check(
        "cufftExecR2C",
        JCufft.cufftExecR2C(handle, new DevicePointer(input), new DevicePointer(output)));
    stream.afterLaunch(name());
  }

  /** Scratch memory that this version of the library needs for the transforms. */
  public long workBytes() {
    return workBytes[0];
  }

  public int length() {
    return length;
  }

  public int batch() {
    return batch;
  }

  private void check(String call, int status) {
    if (status != SUCCESS) {
      throw context.failed(Failure.cufft(call, status, name()));
    }
  }

  @Override
  void release() {
    check("cufftDestroy", context.whileNobodyWaits(() -> JCufft.cufftDestroy(handle)));
  }
}
