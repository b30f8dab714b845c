package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import io.voiceprint.cuda.CudaException.Kind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * A share in the primary context of one device, and the owner of everything opened on it.
 * Thread-safe: each call makes the context current on the calling thread.
 *
 * <p>A context is lost when the device faults (illegal address, failed launch, hardware). Every
 * call after that fails with {@link Kind#LOST_CONTEXT}; closing it resets the device's primary
 * context so that a new one can be opened in the same process.
 */
public final class CudaContext implements AutoCloseable {
  /**
   * By device: held while a stream is captured and while somebody waits for the whole context,
   * which takes in all streams: during a capture the driver refuses that and spoils the capture.
   * All shares in a primary context have the same streams, so this is one per device and not per
   * share.
   */
  private static final Map<Integer, ReentrantLock> WAITING = new ConcurrentHashMap<>();

  private final CudaDevice device;
  private final String name;
  private final CUcontext handle = new CUcontext();
  private final Set<CudaResource> children = new LinkedHashSet<>();
  private final ReentrantLock waiting;
  private boolean closed;
  private volatile boolean lost;

  private CudaContext(CudaDevice device) {
    this.device = device;
    this.name = "CUDA context on " + device;
    this.waiting = WAITING.computeIfAbsent(device.ordinal(), ordinal -> new ReentrantLock());
  }

  /**
   * Retains the primary context of a device.
   *
   * @throws CudaException if the device refuses, for instance because it is in exclusive use
   */
  public static CudaContext open(CudaDevice device) {
    CudaContext context = new CudaContext(device);
    int status = JCudaDriver.cuDevicePrimaryCtxRetain(context.handle, device.handle());
    if (status != SUCCESS) {
      throw Failure.driver("cuDevicePrimaryCtxRetain", status, "device=" + device);
    }
    return context;
  }

  public CudaDevice device() {
    return device;
  }

  /** Whether a fault of the device made this context unusable. */
  public boolean isLost() {
    return lost;
  }

  /** Free device memory in bytes, over all processes. */
  public long freeBytes() {
    return memoryInfo()[0];
  }

  /** Device memory in bytes that this context can see. */
  public long totalBytes() {
    return memoryInfo()[1];
  }

  private long[] memoryInfo() {
    bind();
    long[] free = new long[1];
    long[] total = new long[1];
    check("cuMemGetInfo", JCudaDriver.cuMemGetInfo(free, total));
    return new long[] {free[0], total[0]};
  }

  /**
   * Runs {@code work} between the marks at which an attached profiler begins and ends to look, as
   * Nsight Compute does with {@code --profile-from-start off}; without one that is all.
   */
  public void profiled(Runnable work) {
    bind();
    check("cuProfilerStart", JCudaDriver.cuProfilerStart());
    try {
      work.run();
    } finally {
      JCudaDriver.cuProfilerStop(); // What the work threw tells more than this could.
    }
  }

  /** Waits for everything that was started on this context. */
  public void synchronize() {
    bind();
    check("cuCtxSynchronize", waitForAll());
  }

  /** The status of waiting for everything on the context that is current. */
  int waitForAll() {
    return whileNobodyWaits(JCudaDriver::cuCtxSynchronize);
  }

  /**
   * Runs {@code work} while no other thread captures or waits for the whole context. For captures,
   * and for what waits: cuBLAS and cuDNN do when a handle is destroyed, and none of the libraries
   * promises not to when one is made.
   */
  <T> T whileNobodyWaits(Supplier<T> work) {
    waiting.lock();
    try {
      return work.get();
    } finally {
      waiting.unlock();
    }
  }

  /** Loads a cubin, fat binary or PTX text (which must end with a zero byte). */
  public CudaModule loadModule(String name, byte[] image) {
    return new CudaModule(this, name, image);
  }

  /** What is open now, one line each; empty when everything was given back. */
  public synchronized List<String> leaks() {
    List<String> lines = new ArrayList<>();
    for (CudaResource child : children) {
      Throwable origin = child.origin();
      lines.add(
          origin == null
              ? child.name()
              : child.name() + ", opened at " + origin.getStackTrace()[2]);
    }
    return lines;
  }

  /**
   * Closes what is still open, last opened first, and gives the context back. Closing twice is
   * harmless.
   *
   * @throws CudaException the first failure of a child, the others as suppressed
   */
  @Override
  public void close() {
    List<CudaResource> open;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      open = new ArrayList<>(children);
    }
    // The device may be at work in what is given back next; a failure of it shows there too.
    JCudaDriver.cuCtxSetCurrent(handle);
    JCudaDriver.cuCtxSynchronize();
    CudaException failure = null;
    for (int i = open.size() - 1; i >= 0; i--) {
      try {
        open.get(i).close();
      } catch (CudaException e) {
        failure = firstOf(failure, e);
      }
    }
    int status = JCudaDriver.cuDevicePrimaryCtxRelease(device.handle());
    if (lost) {
      // A faulted primary context stays faulted for the whole process until it is reset.
      status = JCudaDriver.cuDevicePrimaryCtxReset(device.handle());
    }
    if (status != SUCCESS) {
      failure =
          firstOf(failure, Failure.driver("cuDevicePrimaryCtxRelease", status, "device=" + device));
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static CudaException firstOf(CudaException first, CudaException next) {
    if (first == null) {
      return next;
    }
    first.addSuppressed(next);
    return first;
  }

  /** Makes this context current on the calling thread. */
  void bind() {
    if (isClosed()) {
      throw new IllegalStateException(name + " was used after close()");
    }
    check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(handle));
  }

  /** As {@link #bind()}, for giving something back: that must go on after the context was lost. */
  void bindToRelease() {
    int status = JCudaDriver.cuCtxSetCurrent(handle);
    if (status != SUCCESS && !lost) {
      throw failed("cuCtxSetCurrent", status, name);
    }
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Takes on a child; false if this was closed meanwhile. */
  synchronized boolean adopt(CudaResource child) {
    return !closed && children.add(child);
  }

  synchronized void disown(CudaResource child) {
    children.remove(child);
  }

  void check(String call, int status) {
    if (status != SUCCESS) {
      throw failed(call, status, "device=" + device);
    }
  }

  /** The exception for a driver call on this context; notes a lost context. */
  CudaException failed(String call, int status, String about) {
    Kind kind = Failure.driverKind(call, status);
    if (status == CUresult.CUDA_ERROR_UNKNOWN && isFaulted()) {
      kind = Kind.LOST_CONTEXT;
    }
    if (kind == Kind.LOST_CONTEXT) {
      lost = true;
    }
    return Failure.driver(kind, call, status, about);
  }

  /**
   * A library reports a faulted device in words of its own, and in others again when it is opened
   * there. Asks the driver whether the context is still good.
   */
  CudaException failed(CudaException ofLibrary) {
    if (ofLibrary.kind() != Kind.OUT_OF_MEMORY && isFaulted()) {
      lost = true;
      return ofLibrary.as(Kind.LOST_CONTEXT);
    }
    return ofLibrary;
  }

  /** A faulted context answers every call with its fault, waiting included. */
  private boolean isFaulted() {
    int status = waitForAll();
    return status == CUresult.CUDA_ERROR_UNKNOWN
        || Failure.driverKind("cuCtxSynchronize", status) == Kind.LOST_CONTEXT;
  }

  @Override
  public String toString() {
    return name;
  }
}
