package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntSupplier;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/**
 * One convolution of fixed shape through cuDNN's descriptor API. Input and output are packed NHWC
 * images with N = 1, the filter is (outputs, kernel height, kernel width, inputs).
 */
public final class CudnnConvolution extends CudaResource {
  private static final int WARM_UP_EXTENT = 16;

  private final CudnnHandle cudnn;
  private final Shape shape;
  private final MathMode mode;
  private final cudnnTensorDescriptor input = new cudnnTensorDescriptor();
  private final cudnnTensorDescriptor output = new cudnnTensorDescriptor();
  private final cudnnFilterDescriptor filter = new cudnnFilterDescriptor();
  private final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();

  /** How to destroy what exists: JCuda's object of a call that failed holds any address. */
  private final Deque<IntSupplier> created = new ArrayDeque<>();

  private final Pointer one = Pointer.to(new float[] {1});
  private final Pointer zero = Pointer.to(new float[] {0});
  private boolean tensorsAreTooLarge;

  /**
   * Extents in elements; height is F and width is T.
   *
   * @param inputs channels of the input
   * @param outputs channels of the output
   */
  public record Shape(
      int height,
      int width,
      int inputs,
      int outputs,
      int kernelHeight,
      int kernelWidth,
      int strideHeight,
      int strideWidth,
      int padHeight,
      int padWidth) {

    public int outputHeight() {
      return (height + 2 * padHeight - kernelHeight) / strideHeight + 1;
    }

    public int outputWidth() {
      return (width + 2 * padWidth - kernelWidth) / strideWidth + 1;
    }

    /** This with at most so many rows and columns. */
    private Shape within(int extent) {
      return new Shape(
          Math.min(height, extent),
          Math.min(width, extent),
          inputs,
          outputs,
          kernelHeight,
          kernelWidth,
          strideHeight,
          strideWidth,
          padHeight,
          padWidth);
    }
  }

  /**
   * A way to compute it.
   *
   * @param id cuDNN's number of it
   * @param name cuDNN's name of it, such as {@code "IMPLICIT_PRECOMP_GEMM"}
   * @param workspaceBytes scratch memory it needs, may be 0
   */
  public record Algorithm(int id, String name, long workspaceBytes) {}

  public CudnnConvolution(CudnnHandle cudnn, MathMode mode, Shape shape) {
    super(cudnn.context, "cuDNN convolution " + mode + " " + shape);
    cudnn.use();
    this.cudnn = cudnn;
    this.shape = shape;
    this.mode = mode;
    try {
      describe();
    } catch (CudaException e) {
      destroyAll();
      throw e;
    }
    opened();
  }

  private void describe() {
    int type =
        mode == MathMode.FP16 ? cudnnDataType.CUDNN_DATA_HALF : cudnnDataType.CUDNN_DATA_FLOAT;
    int nhwc = cudnnTensorFormat.CUDNN_TENSOR_NHWC;
    check("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(input));
    created.push(() -> JCudnn.cudnnDestroyTensorDescriptor(input));
    check("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(output));
    created.push(() -> JCudnn.cudnnDestroyTensorDescriptor(output));
    check("cudnnCreateFilterDescriptor", JCudnn.cudnnCreateFilterDescriptor(filter));
    created.push(() -> JCudnn.cudnnDestroyFilterDescriptor(filter));
    check("cudnnCreateConvolutionDescriptor", JCudnn.cudnnCreateConvolutionDescriptor(convolution));
    created.push(() -> JCudnn.cudnnDestroyConvolutionDescriptor(convolution));
    describe(input, nhwc, type, shape.inputs(), shape.height(), shape.width());
    describe(output, nhwc, type, shape.outputs(), shape.outputHeight(), shape.outputWidth());
    check(
        "cudnnSetFilter4dDescriptor",
        JCudnn.cudnnSetFilter4dDescriptor(
            filter,
            type,
            nhwc,
            shape.outputs(),
            shape.inputs(),
            shape.kernelHeight(),
            shape.kernelWidth()));
    check(
        "cudnnSetConvolution2dDescriptor",
        JCudnn.cudnnSetConvolution2dDescriptor(
            convolution,
            shape.padHeight(),
            shape.padWidth(),
            shape.strideHeight(),
            shape.strideWidth(),
            1,
            1,
            cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
            cudnnDataType.CUDNN_DATA_FLOAT));
    // The default rounds float32 operands to TF32 on cards that can; FMA forbids it.
    int math =
        switch (mode) {
          case FP32 -> cudnnMathType.CUDNN_FMA_MATH;
          case TF32 -> cudnnMathType.CUDNN_DEFAULT_MATH;
          case FP16 -> cudnnMathType.CUDNN_TENSOR_OP_MATH;
        };
    check("cudnnSetConvolutionMathType", JCudnn.cudnnSetConvolutionMathType(convolution, math));
  }

  /** The library takes tensors of fewer than 2^31 elements, and calls others not supported. */
  private void describe(
      cudnnTensorDescriptor tensor, int format, int type, int channels, int height, int width) {
    int status =
        JCudnn.cudnnSetTensor4dDescriptor(tensor, format, type, 1, channels, height, width);
    if (isUnsupported(status)) {
      tensorsAreTooLarge = true;
    } else {
      check("cudnnSetTensor4dDescriptor", status);
    }
  }

  /**
   * The algorithms this version of cuDNN has for this shape on this device; none if the tensors are
   * larger than it takes.
   */
  public List<Algorithm> algorithms() {
    use();
    cudnn.use();
    List<Algorithm> algorithms = new ArrayList<>();
    if (tensorsAreTooLarge) {
      return algorithms;
    }
    long[] bytes = new long[1];
    for (int id = 0; id < cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_COUNT; id++) {
      int status =
          JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
              cudnn.handle(), input, filter, convolution, output, id, bytes);
      if (status == SUCCESS) {
        String name = cudnnConvolutionFwdAlgo.stringFor(id);
        algorithms.add(
            new Algorithm(id, name.substring("CUDNN_CONVOLUTION_FWD_ALGO_".length()), bytes[0]));
      } else if (!isUnsupported(status)) {
        throw failed("cudnnGetConvolutionForwardWorkspaceSize", status, ", algorithm=" + id);
      }
    }
    return algorithms;
  }

  /** "Not supported" is 9 in cuDNN 8 and the thousand from 3000 on in cuDNN 9. */
  private static boolean isUnsupported(int status) {
    return status == 9 || status / 1000 == 3;
  }

  /**
   * Lets the library do what it may put off to the first convolution of its handle, such as loading
   * and allocating, which must not happen during a capture: computes a small image for nothing and
   * waits for the stream. Does nothing once the handle was used.
   *
   * @param w address of the filter
   */
  public void warmUp(Algorithm algorithm, long w) {
    if (cudnn.isUsed()) {
      return;
    }
    try (CudnnConvolution small = new CudnnConvolution(cudnn, mode, shape.within(WARM_UP_EXTENT))) {
      for (Algorithm known : small.algorithms()) {
        if (known.id() == algorithm.id()) {
          small.runForNothing(known, w);
        }
      }
    }
  }

  private void runForNothing(Algorithm algorithm, long w) {
    long inputs = (long) shape.height() * shape.width() * shape.inputs();
    long outputs = (long) shape.outputHeight() * shape.outputWidth() * shape.outputs();
    long y = DeviceMemory.align(inputs * mode.elementBytes());
    long workspace = y + DeviceMemory.align(outputs * mode.elementBytes());
    DeviceMemory.lend(
        cudnn.stream(),
        workspace + algorithm.workspaceBytes(),
        x -> run(algorithm, x, w, x + y, x + workspace));
  }

  /**
   * Queues y = x * w.
   *
   * @param x address of the input, (height, width, inputs)
   * @param w address of the filter, (outputs, kernelHeight, kernelWidth, inputs)
   * @param y address of the output, (outputHeight, outputWidth, outputs)
   * @param workspace address of scratch memory of the algorithm's size, 0 if it needs none
   */
  public void run(Algorithm algorithm, long x, long w, long y, long workspace) {
    use();
    cudnn.use();
    int status =
        JCudnn.cudnnConvolutionForward(
            cudnn.handle(),
            one,
            input,
            new DevicePointer(x),
            filter,
            new DevicePointer(w),
            convolution,
            algorithm.id(),
            new DevicePointer(workspace),
            algorithm.workspaceBytes(),
            zero,
            output,
            new DevicePointer(y));
    if (status != SUCCESS) {
      throw failed("cudnnConvolutionForward", status, ", " + algorithm);
    }
    cudnn.markUsed();
    cudnn.stream().afterLaunch(name());
  }

  public Shape shape() {
    return shape;
  }

  private void check(String call, int status) {
    if (status != SUCCESS) {
      throw failed(call, status, "");
    }
  }

  private CudaException failed(String call, int status, String about) {
    return context.failed(Failure.cudnn(call, status, name() + about));
  }

  @Override
  void release() {
    check("cudnnDestroyTensorDescriptor", destroyAll());
  }

  /** Destroys whatever was created, the last first; the first failure, or success. */
  private int destroyAll() {
    int first = SUCCESS;
    while (!created.isEmpty()) {
      int status = created.pop().getAsInt();
      first = first == SUCCESS ? status : first;
    }
    return first;
  }
}
