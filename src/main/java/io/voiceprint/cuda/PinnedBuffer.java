package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/** Page-locked host memory, which the device reads and writes while the host goes on. */
public final class PinnedBuffer extends CudaResource {
  private final Pointer pointer = new Pointer();
  private final ByteBuffer buffer;

  /**
   * Allocates; the content is undefined.
   *
   * @param what what it is for, for messages
   * @param bytes 1 to 2^31 - 1
   * @throws CudaException of kind {@code OUT_OF_MEMORY} if the host cannot lock so much
   */
  public PinnedBuffer(CudaContext context, String what, int bytes) {
    super(context, "pinned buffer '" + what + "'");
    if (bytes < 1) {
      throw new IllegalArgumentException(name() + ": bytes=" + bytes + ", must be at least 1");
    }
    int status = JCudaDriver.cuMemHostAlloc(pointer, bytes, 0);
    if (status != SUCCESS) {
      throw context.failed("cuMemHostAlloc", status, name() + ", bytes=" + bytes);
    }
    buffer = pointer.getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
    opened();
  }

  /**
   * The memory itself, from its first byte to its last, in native byte order. The view is dead
   * after {@link #close()}: touching it then crashes the process.
   */
  public ByteBuffer bytes() {
    if (isClosed()) {
      use();
    }
    return buffer.duplicate().order(ByteOrder.nativeOrder());
  }

  public int capacity() {
    return buffer.capacity();
  }

  Pointer pointer(long offset, long bytes) {
    if (isClosed()) {
      use();
    }
    Objects.checkFromIndexSize(offset, bytes, capacity());
    return offset == 0 ? pointer : pointer.withByteOffset(offset);
  }

  @Override
  void release() {
    int status = JCudaDriver.cuMemFreeHost(pointer);
    if (status != SUCCESS) {
      throw context.failed("cuMemFreeHost", status, toString());
    }
  }
}
