package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.LongConsumer;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/** A block of device memory of fixed size, such as the weights of a network. */
public final class DeviceMemory extends CudaResource {
  /** In bytes, of what the driver allocates and of buffers that share a block. */
  public static final long ALIGNMENT = 256;

  private final DevicePointer pointer = new DevicePointer();
  private final long bytes;

  /**
   * Allocates; the content is undefined.
   *
   * @param what what it is for, for messages
   * @param bytes at least 1
   * @throws CudaException of kind {@code OUT_OF_MEMORY} if the device has no room
   */
  public DeviceMemory(CudaContext context, String what, long bytes) {
    super(context, "device memory '" + what + "'");
    if (bytes < 1) {
      throw new IllegalArgumentException(name() + ": bytes=" + bytes + ", must be at least 1");
    }
    this.bytes = bytes;
    int status = JCudaDriver.cuMemAlloc(pointer, bytes);
    if (status != SUCCESS) {
      throw context.failed("cuMemAlloc", status, name() + ", bytes=" + bytes);
    }
    opened();
  }

  /**
   * Lends memory to work that is queued on a stream, and waits for the stream. If anything fails
   * the memory stays until the context closes: the device may be at work in it.
   *
   * @param bytes at least 1
   * @param work gets the address
   */
  static void lend(CudaStream stream, long bytes, LongConsumer work) {
    DeviceMemory memory = new DeviceMemory(stream.context, "lent on " + stream.name(), bytes);
    work.accept(memory.address());
    stream.synchronize();
    memory.close();
  }

  /** So many bytes, at least 0, rounded up to a multiple of {@link #ALIGNMENT}. */
  public static long align(long bytes) {
    return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /** Address of the first byte, aligned to at least 256 bytes. */
  public long address() {
    if (isClosed()) {
      use();
    }
    return pointer.address();
  }

  public long bytes() {
    return bytes;
  }

  /**
   * Copies host bytes to the start of this memory and waits.
   *
   * @param source its remaining bytes are copied; position and limit stay
   */
  public void write(ByteBuffer source) {
    use();
    Objects.checkFromIndexSize(0L, source.remaining(), bytes);
    int status = JCudaDriver.cuMemcpyHtoD(pointer, Pointer.toBuffer(source), source.remaining());
    if (status != SUCCESS) {
      throw context.failed("cuMemcpyHtoD", status, name() + ", bytes=" + source.remaining());
    }
  }

  /**
   * Copies from the start of this memory to the host and waits.
   *
   * @param target its remaining bytes are filled; position and limit stay
   */
  public void read(ByteBuffer target) {
    use();
    Objects.checkFromIndexSize(0L, target.remaining(), bytes);
    int status = JCudaDriver.cuMemcpyDtoH(Pointer.toBuffer(target), pointer, target.remaining());
    if (status != SUCCESS) {
      throw context.failed("cuMemcpyDtoH", status, name() + ", bytes=" + target.remaining());
    }
  }

  @Override
  void release() {
    int status = JCudaDriver.cuMemFree(pointer);
    if (status != SUCCESS) {
      throw context.failed("cuMemFree", status, toString());
    }
  }
}
