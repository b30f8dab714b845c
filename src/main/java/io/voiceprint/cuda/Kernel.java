package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;

/** An entry point of a {@link CudaModule}, ready to be launched. */
public final class Kernel {
  private final CudaModule module;
  private final String entryPoint;
  private final CUfunction function;

  Kernel(CudaModule module, String entryPoint, CUfunction function) {
    this.module = module;
    this.entryPoint = entryPoint;
    this.function = function;
  }

  /**
   * Allows launches with more than the 48 KiB of dynamic shared memory that every kernel may have.
   *
   * @param bytes at most {@link CudaDevice#maxSharedBytesPerBlock()}
   */
  public void allowSharedBytes(int bytes) {
    module.use();
    int status =
        JCudaDriver.cuFuncSetAttribute(
            function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes);
    if (status != SUCCESS) {
      throw module.context.failed(
          "cuFuncSetAttribute",
          status,
          "kernel=" + entryPoint + ", sharedBytes=" + bytes + ", " + module.context.device());
    }
  }

  /** Registers of a thread, as the compiler allotted them. */
  public int registers() {
    return attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS);
  }

  /**
   * The machine code that this device runs: {@code "sm_90"} of a cubin, {@code "sm_121 from PTX of
   * compute_120"} where the driver had to translate.
   */
  public String machineCode() {
    int binary = attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_BINARY_VERSION);
    int ptx = attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_PTX_VERSION);
    // A cubin of this project was compiled from PTX of its own architecture.
    return "sm_" + binary + (binary == ptx ? "" : " from PTX of compute_" + ptx);
  }

  /** Most threads a block of this kernel may have on this device. */
  public int maxBlockThreads() {
    return attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
  }

  /**
   * Blocks of this kernel that one multiprocessor runs at once, by registers, threads and shared
   * memory.
   *
   * @param threads of a block
   * @param sharedBytes dynamic shared memory of a block
   */
  public int residentBlocks(int threads, int sharedBytes) {
    module.use();
    int[] blocks = new int[1];
    int status =
        JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(
            blocks, function, threads, sharedBytes);
    if (status != SUCCESS) {
      throw module.context.failed(
          "cuOccupancyMaxActiveBlocksPerMultiprocessor",
          status,
          "kernel=%s, threads=%d, sharedBytes=%d".formatted(entryPoint, threads, sharedBytes));
    }
    return blocks[0];
  }

  private int attribute(int attribute) {
    module.use();
    int[] value = new int[1];
    int status = JCudaDriver.cuFuncGetAttribute(value, attribute, function);
    if (status != SUCCESS) {
      throw module.context.failed(
          "cuFuncGetAttribute",
          status,
          "kernel=" + entryPoint + ", attribute=" + CUfunction_attribute.stringFor(attribute));
    }
    return value[0];
  }

  /**
   * Queues a launch. The arguments are copied by the driver before this returns.
   *
   * @throws CudaException of kind {@code LAUNCH_FAILURE} if the driver refuses
   */
  public void launch(CudaStream stream, LaunchShape shape, Arguments arguments) {
    module.use();
    stream.use();
    int status =
        JCudaDriver.cuLaunchKernel(
            function,
            shape.gridX(),
            shape.gridY(),
            shape.gridZ(),
            shape.blockX(),
            shape.blockY(),
            shape.blockZ(),
            shape.sharedBytes(),
            stream.handle(),
            null,
            arguments.packed());
    if (status != SUCCESS) {
      throw module.context.failed("cuLaunchKernel", status, describe(stream, shape, arguments));
    }
    stream.afterLaunch(entryPoint);
  }

  private String describe(CudaStream stream, LaunchShape shape, Arguments arguments) {
    return "kernel=%s, %s, %s, %s, %s"
        .formatted(entryPoint, shape, arguments, stream.name(), module.context.device());
  }

  @Override
  public String toString() {
    return "kernel " + entryPoint;
  }

  /**
   * The parameters of a kernel in order, laid out as the compiler lays them out: each aligned to
   * its size. Built once and launched often without making garbage; a launch freezes it.
   */
  public static final class Arguments {
    /** What the driver takes on every device. */
    private static final int MAX_BYTES = 4096;

    private ByteBuffer block = ByteBuffer.allocateDirect(128).order(ByteOrder.nativeOrder());
    private final StringBuilder text = new StringBuilder();
    private Pointer packed;

    /** A pointer parameter: a device address. */
    public Arguments address(long address) {
      room(8, 8).putLong(address);
      return note("0x" + Long.toHexString(address));
    }

    /** An {@code int} parameter. */
    public Arguments int32(int value) {
      room(4, 4).putInt(value);
      return note(Integer.toString(value));
    }

    /** A {@code long long} parameter. */
    public Arguments int64(long value) {
      room(8, 8).putLong(value);
      return note(Long.toString(value));
    }

    /** A {@code float} parameter. */
    public Arguments float32(float value) {
      room(4, 4).putFloat(value);
      return note(Float.toString(value));
    }

    /**
     * A struct passed by value.
     *
     * @param bytes its remaining bytes, laid out as in C with trailing padding
     * @param alignment that of its most demanding field: 1, 2, 4, 8 or 16
     */
    public Arguments struct(ByteBuffer bytes, int alignment) {
      int size = bytes.remaining();
      if (Integer.bitCount(alignment) != 1
          || alignment > 16
          || size == 0
          || size % alignment != 0) {
        throw new IllegalArgumentException(
            "not a struct: bytes=" + size + ", alignment=" + alignment);
      }
      room(size, alignment).put(bytes.duplicate());
      return note("struct of " + size + " bytes");
    }

    /** The bytes laid out so far. */
    ByteBuffer contents() {
      return block.duplicate().order(ByteOrder.nativeOrder()).flip();
    }

    private ByteBuffer room(int size, int alignment) {
      if (packed != null) {
        throw new IllegalStateException("arguments were launched already: " + this);
      }
      int start = (block.position() + alignment - 1) & -alignment;
      if (start + size > MAX_BYTES) {
        throw new IllegalArgumentException(
            "kernel parameters take "
                + (start + size)
                + " bytes, at most 4096 are possible: "
                + this);
      }
      if (start + size > block.capacity()) {
        ByteBuffer larger =
            ByteBuffer.allocateDirect(Math.max(2 * block.capacity(), start + size))
                .order(ByteOrder.nativeOrder());
        block = larger.put(block.flip());
      }
      return block.position(start);
    }

    private Arguments note(String value) {
      text.append(text.length() == 0 ? "" : ", ").append(value);
      return this;
    }

    /** The driver's "extra" form: one block and its size, in native memory that stays put. */
    Pointer packed() {
      if (packed == null) {
        ByteBuffer size = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
        size.putLong(0, block.position());
        packed =
            Pointer.to(
                JCudaDriver.CU_LAUNCH_PARAM_BUFFER_POINTER,
                Pointer.to(block),
                JCudaDriver.CU_LAUNCH_PARAM_BUFFER_SIZE,
                Pointer.to(size),
                JCudaDriver.CU_LAUNCH_PARAM_END);
      }
      return packed;
    }

    @Override
    public String toString() {
      return "arguments=(" + text + ")";
    }
  }
}
