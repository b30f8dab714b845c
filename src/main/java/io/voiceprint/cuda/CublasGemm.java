package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;

/**
 * Matrix products on one stream, with the caller's scratch memory, so that they can be captured, do
 * not depend on what else the library does, and take no memory that nobody planned with.
 */
public final class CublasGemm extends CudaResource {
  /** Scratch memory of a product: what NVIDIA recommends for Hopper; older cards need 4 MiB. */
  public static final long WORKSPACE_BYTES = 32L << 20;

  /** Of a product that is computed for nothing: what older cards need. */
  private static final long WARM_UP_WORKSPACE_BYTES = 4L << 20;

  private static final int WARM_UP_ROWS = 8;

  private final cublasHandle handle = new cublasHandle();
  private final CudaStream stream;
  private final Pointer one = Pointer.to(new float[] {1});
  private final Pointer zero = Pointer.to(new float[] {0});
  private boolean used;

  /**
   * Extents of Y = X · Wᵀ, all row-major: X is (rows, inputs), W is (outputs, inputs), Y is (rows,
   * outputs).
   *
   * @param strideX elements from one row of X to the next, at least {@code inputs}
   * @param strideW likewise for W
   * @param strideY likewise for Y, at least {@code outputs}
   */
  public record Shape(int rows, int outputs, int inputs, int strideX, int strideW, int strideY) {
    public Shape {
      boolean positive = rows > 0 && outputs > 0 && inputs > 0;
      if (!positive || strideX < inputs || strideW < inputs || strideY < outputs) {
        throw new IllegalArgumentException(
            "not a matrix product: rows=%d, outputs=%d, inputs=%d, strideX=%d, strideW=%d, strideY=%d"
                .formatted(rows, outputs, inputs, strideX, strideW, strideY));
      }
    }

    /** Rows that lie one directly behind the other. */
    public static Shape packed(int rows, int outputs, int inputs) {
      return new Shape(rows, outputs, inputs, inputs, inputs, outputs);
    }
  }

  /**
   * @param stream where products are queued
   */
  public CublasGemm(CudaStream stream) {
    super(stream.context, "cuBLAS on " + stream.name());
    CudaLibraries.require(CudaLibrary.CUBLAS);
    this.stream = stream;
    check("cublasCreate", context.whileNobodyWaits(() -> JCublas2.cublasCreate(handle)), "");
    opened(
        () ->
            check("cublasSetStream", JCublas2.cublasSetStream(handle, stream.runtimeHandle()), ""));
  }

  /**
   * Lets the library do what it may put off to the first product, such as loading and allocating,
   * which must not happen during a capture: computes a few rows for nothing and waits for the
   * stream. Does nothing once there was a product.
   *
   * @param shape of a product to come
   * @param w address of its W
   */
  public void warmUp(MathMode mode, Shape shape, long w) {
    if (used) {
      return;
    }
    int rows = Math.min(shape.rows(), WARM_UP_ROWS);
    Shape few =
        new Shape(
            rows,
            shape.outputs(),
            shape.inputs(),
            shape.strideX(),
            shape.strideW(),
            shape.strideY());
    long bytes = (long) rows * mode.elementBytes();
    long outputs = DeviceMemory.align(bytes * shape.strideX());
    long workspace = outputs + DeviceMemory.align(bytes * shape.strideY());
    DeviceMemory.lend(
        stream,
        workspace + WARM_UP_WORKSPACE_BYTES,
        x -> run(mode, few, x, w, x + outputs, x + workspace, WARM_UP_WORKSPACE_BYTES));
  }

  /**
   * Queues Y = X · Wᵀ.
   *
   * @param x address of X
   * @param w address of W
   * @param y address of Y; must not overlap X or W
   * @param workspace address of {@link #WORKSPACE_BYTES} of scratch memory, a multiple of 256
   */
  public void run(MathMode mode, Shape shape, long x, long w, long y, long workspace) {
    run(mode, shape, x, w, y, workspace, WORKSPACE_BYTES);
  }

  private void run(
      MathMode mode, Shape shape, long x, long w, long y, long workspace, long workspaceBytes) {
    use();
    stream.use();
    check(
        "cublasSetWorkspace",
        JCublas2.cublasSetWorkspace(handle, new DevicePointer(workspace), workspaceBytes),
        "bytes=" + workspaceBytes);
    int type = mode == MathMode.FP16 ? cudaDataType.CUDA_R_16F : cudaDataType.CUDA_R_32F;
    int compute =
        switch (mode) {
          case FP32, FP16 -> cublasComputeType.CUBLAS_COMPUTE_32F;
          case TF32 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32;
        };
    // Row-major Y is column-major Yᵀ = W · Xᵀ, whose operands are the stored W, transposed, and X.
    int status =
        JCublas2.cublasGemmEx_new(
            handle,
            cublasOperation.CUBLAS_OP_T,
            cublasOperation.CUBLAS_OP_N,
            shape.outputs(),
            shape.rows(),
            shape.inputs(),
            one,
            new DevicePointer(w),
            type,
            shape.strideW(),
            new DevicePointer(x),
            type,
            shape.strideX(),
            zero,
            new DevicePointer(y),
            type,
            shape.strideY(),
            compute,
            cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
    if (status != SUCCESS) {
      throw context.failed(Failure.cublas("cublasGemmEx", status, mode + ", " + shape));
    }
    used = true;
    stream.afterLaunch("cublasGemmEx");
  }

  private void check(String call, int status, String about) {
    if (status != SUCCESS) {
      throw context.failed(
          Failure.cublas(call, status, name() + (about.isEmpty() ? "" : ", " + about)));
    }
  }

  @Override
  void release() {
    check("cublasDestroy", context.whileNobodyWaits(() -> JCublas2.cublasDestroy(handle)), "");
  }
}
