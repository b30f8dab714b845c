package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/** Work that was recorded from a stream and is started as a whole by one call. */
public final class CudaGraph extends CudaResource {
  /**
   * Device memory that an instantiated graph takes for a kernel, by NVIDIA's own reckoning in the
   * graph cache of CUDASTF. It holds for drivers from CUDA 12.4 on; older ones take some three
   * times as much.
   */
  private static final long NODE_BYTES = 10 << 10;

  private final CUgraphExec executable = new CUgraphExec();
  private final long nodeCount;

  private CudaGraph(CudaContext context, String what, CUgraph recorded) {
    super(context, "graph '" + what + "'");
    long[] count = new long[1];
    check("cuGraphGetNodes", JCudaDriver.cuGraphGetNodes(recorded, null, count));
    nodeCount = count[0];
    check("cuGraphInstantiate", JCudaDriver.cuGraphInstantiate(executable, recorded, 0));
    opened();
  }

  /**
   * Records what {@code work} queues on the stream, without running it. What {@code work} queues
   * must not wait, allocate or free; only this thread is restricted, others may go on using the
   * device. Who waits for the whole context meanwhile waits for the end of the recording first.
   *
   * @param what what it is for, for messages
   * @throws CudaException if something in {@code work} cannot be recorded
   */
  public static CudaGraph capture(CudaStream stream, String what, Runnable work) {
    CudaContext context = stream.context;
    stream.use();
    CUgraph recorded = context.whileNobodyWaits(() -> record(stream, what, work));
    try {
      return new CudaGraph(context, what, recorded);
    } finally {
      JCudaDriver.cuGraphDestroy(recorded);
    }
  }

  private static CUgraph record(CudaStream stream, String what, Runnable work) {
    CudaContext context = stream.context;
    int begun =
        JCudaDriver.cuStreamBeginCapture(
            stream.handle(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    if (begun != SUCCESS) {
      throw context.failed("cuStreamBeginCapture", begun, "graph '" + what + "', " + stream.name());
    }
    stream.setCapturing(true);
    CUgraph recorded = new CUgraph();
    try {
      work.run();
    } catch (RuntimeException | Error failure) {
      // The failure of the work is what the caller learns; half a graph is thrown away.
      if (end(stream, recorded) == SUCCESS) {
        JCudaDriver.cuGraphDestroy(recorded);
      }
      throw failure;
    }
    int ended = end(stream, recorded);
    if (ended != SUCCESS) {
      throw context.failed("cuStreamEndCapture", ended, "graph '" + what + "', " + stream.name());
    }
    return recorded;
  }

  private static int end(CudaStream stream, CUgraph recorded) {
    stream.setCapturing(false);
    return JCudaDriver.cuStreamEndCapture(stream.handle(), recorded);
  }

  /**
   * Queues what the driver has to put on the device before the graph can run, which the first
   * {@link #launch} would do otherwise.
   */
  public void upload(CudaStream stream) {
    use();
    stream.use();
    check("cuGraphUpload", JCudaDriver.cuGraphUpload(executable, stream.handle()));
  }

  /** Queues the whole graph. One launch of a graph runs at a time: a second one waits for it. */
  public void launch(CudaStream stream) {
    use();
    stream.use();
    check("cuGraphLaunch", JCudaDriver.cuGraphLaunch(executable, stream.handle()));
    stream.afterLaunch(name());
  }

  /** Kernels, copies and fills that were recorded. */
  public long nodeCount() {
    return nodeCount;
  }

  /**
   * Device memory in bytes that a graph of so many nodes takes. An estimate: the driver takes
   * memory for graphs in large pieces, and while one is made others take memory too, so that what
   * is free before and after does not tell what a single graph costs.
   */
  public static long deviceBytes(long nodes) {
    return nodes * NODE_BYTES;
  }

  private void check(String call, int status) {
    if (status != SUCCESS) {
      throw context.failed(call, status, name() + ", nodes=" + nodeCount);
    }
  }

  @Override
  void release() {
    check("cuGraphExecDestroy", JCudaDriver.cuGraphExecDestroy(executable));
  }
}
