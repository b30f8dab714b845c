package io.voiceprint.simcuda;

import static jcuda.driver.CUresult.CUDA_ERROR_ILLEGAL_ADDRESS;
import static jcuda.driver.CUresult.CUDA_ERROR_LAUNCH_FAILED;
import static jcuda.driver.CUresult.CUDA_ERROR_OUT_OF_MEMORY;
import static jcuda.driver.CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
import static jcuda.driver.CUresult.CUDA_SUCCESS;
import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxDestroy;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.cuda.CudaLibraries;
import io.voiceprint.cuda.CudaLibrary;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import jcuda.jcufft.JCufft;
import jcuda.jcufft.cufftHandle;
import jcuda.jcufft.cufftType;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import jcuda.nvrtc.nvrtcResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The software CUDA device through JCuda's own native libraries. */
class SimCudaTest {
  private static final String SOURCE =
      """
      extern "C" __global__ void scale(const float* x, float* y, float factor, int n) {
        const int i = blockIdx.x * blockDim.x + threadIdx.x;
        if (i < n) y[i] = x[i] * factor;
      }
      """;
  private static final int N = 1021;
  private static byte[] image;
  private final CUcontext context = new CUcontext();
  private final CUfunction scale = new CUfunction();

  @BeforeAll
  static void compile() {
    SimCuda.require();
    for (CudaLibrary library : CudaLibrary.values()) {
      CudaLibraries.require(library);
    }
    nvrtcProgram program = program(SOURCE);
    long[] size = new long[1];
    assertEquals(nvrtcResult.NVRTC_SUCCESS, compile(program), () -> log(program));
    JNvrtc.nvrtcGetCUBINSize(program, size);
    image = new byte[(int) size[0]];
    JNvrtc.nvrtcGetCUBIN(program, image);
    JNvrtc.nvrtcDestroyProgram(program);
  }

  @BeforeEach
  void openDevice() {
    SimCuda.reset();
    check(cuInit(0));
    CUdevice device = new CUdevice();
    check(cuDeviceGet(device, 0));
    check(cuCtxCreate(context, 0, device));
    CUmodule module = new CUmodule();
    check(cuModuleLoadData(module, image));
    check(cuModuleGetFunction(scale, module, "scale"));
  }

  @AfterEach
  void closeDevice() {
    check(cuCtxDestroy(context));
    SimCuda.reset();
  }

  @Test
  void saysWhatItIs() {
    byte[] name = new byte[64];
    check(cuDeviceGetName(name, name.length, new CUdevice()));
    assertEquals("simcuda software device", new String(name, StandardCharsets.US_ASCII).trim());
  }

  @Test
  void runsAKernelWhenTheHostWaits() {
    CUdeviceptr x = upload(ramp(N));
    CUdeviceptr y = allocate(N);
    CUstream stream = stream();
    launch(stream, x, y, 3, N);
    assertTrue(Float.isNaN(download(y, N)[0]), "read without waiting");
    assertEquals(0, SimCuda.launches());
    check(cuStreamSynchronize(stream));
    assertEquals(1, SimCuda.launches());
    assertArrayEquals(scaled(ramp(N), 3), download(y, N));
    check(cuStreamDestroy(stream));
    check(cuMemFree(x));
    check(cuMemFree(y));
    assertEquals(0, SimCuda.liveBytes());
  }

  @Test
  void anAsynchronousDownloadArrivesWhenTheHostWaits() {
    CUdeviceptr x = upload(ramp(N));
    Pointer pinned = new Pointer();
    check(cuMemAllocHost(pinned, (long) N * Sizeof.FLOAT));
    FloatBuffer values =
        pinned.getByteBuffer(0, N * Sizeof.FLOAT).order(ByteOrder.nativeOrder()).asFloatBuffer();
    values.put(0, -1);
    CUstream stream = stream();
    check(cuMemcpyDtoHAsync(pinned, x, (long) N * Sizeof.FLOAT, stream));
    assertEquals(-1, values.get(0));
    check(cuStreamSynchronize(stream));
    assertEquals(0, values.get(0));
    assertEquals(N - 1, values.get(N - 1));
    check(cuMemFreeHost(pinned));
    check(cuMemFree(x));
  }

  @Test
  void aWriteBehindTheEndNamesKernelAndAllocation() {
    CUdeviceptr x = upload(ramp(N));
    CUdeviceptr y = allocate(N - 1);
    CUstream stream = stream();
    launch(stream, x, y, 1, N);
    assertEquals(CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamSynchronize(stream));
    assertTrue(
        SimCuda.lastMessage().contains("out-of-bounds write at offset 4080 of allocation"),
        SimCuda.lastMessage());
    assertTrue(SimCuda.lastMessage().endsWith("seen after scale"), SimCuda.lastMessage());
    assertEquals(CUDA_ERROR_ILLEGAL_ADDRESS, cuMemFree(x), "the context is broken for good");
  }

  @Test
  void aWildAddressBreaksTheContextAndNotTheProcess() {
    CUdeviceptr x = upload(ramp(N));
    CUstream stream = stream();
    launch(stream, x, x, 1, 100_000_000);
    assertEquals(CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamSynchronize(stream));
    assertTrue(SimCuda.lastMessage().startsWith("kernel scale, block ("), SimCuda.lastMessage());
  }

  @Test
  void theNthCallFails() {
    SimCuda.fail("cuMemAlloc*", 2, 0);
    CUdeviceptr first = allocate(1);
    assertEquals(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc(new CUdeviceptr(), 4));
    CUdeviceptr third = allocate(1);
    check(cuMemFree(first));
    check(cuMemFree(third));
    assertEquals(3, SimCuda.calls("cuMemAlloc_v2"));
  }

  @Test
  void aLostDeviceComesBackWithANewContext() {
    SimCuda.loseDevice();
    assertEquals(CUDA_ERROR_LAUNCH_FAILED, cuMemAlloc(new CUdeviceptr(), 4));
    check(cuCtxDestroy(context));
    openDevice();
    check(cuMemFree(allocate(1)));
  }

  @Test
  void aGraphReplaysWhatWasCaptured() {
    CUdeviceptr x = upload(ramp(N));
    CUdeviceptr y = allocate(N);
    CUdeviceptr z = allocate(N);
    CUstream stream = stream();
    check(cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    launch(stream, x, y, 2, N);
    launch(stream, y, z, 5, N);
    CUgraph graph = new CUgraph();
    check(cuStreamEndCapture(stream, graph));
    CUgraphExec executable = new CUgraphExec();
    check(cuGraphInstantiate(executable, graph, 0));
    check(cuGraphDestroy(graph));
    assertEquals(0, SimCuda.launches());
    for (int run = 1; run <= 2; run++) {
      float[] input = scaled(ramp(N), run);
      check(cuMemcpyHtoD(x, Pointer.to(input), (long) N * Sizeof.FLOAT));
      check(cuGraphLaunch(executable, stream));
      check(cuStreamSynchronize(stream));
      assertArrayEquals(scaled(input, 10), download(z, N));
    }
    check(cuGraphExecDestroy(executable));
    for (CUdeviceptr p : Arrays.asList(x, y, z)) {
      check(cuMemFree(p));
    }
  }

  @Test
  void allocationSpoilsACapture() {
    CUstream stream = stream();
    check(cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL));
    assertEquals(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, cuMemAlloc(new CUdeviceptr(), 4));
    assertNotEquals(CUDA_SUCCESS, cuStreamEndCapture(stream, new CUgraph()));
  }

  @Test
  void aCompilerErrorIsInTheLog() {
    nvrtcProgram program = program("extern \"C\" __global__ void broken() { int x = nothing; }");
    assertEquals(nvrtcResult.NVRTC_ERROR_COMPILATION, compile(program));
    assertTrue(log(program).contains("nothing"), log(program));
    JNvrtc.nvrtcDestroyProgram(program);
  }

  @Test
  void multipliesMatrices() {
    int m = 33;
    int n = 17;
    int k = 31;
    float[] a = waves(m * k, 1);
    float[] b = waves(k * n, 2);
    CUdeviceptr deviceA = upload(a);
    CUdeviceptr deviceB = upload(b);
    CUdeviceptr deviceC = allocate(m * n);
    cublasHandle handle = new cublasHandle();
    check(JCublas2.cublasCreate(handle));
    check(
        JCublas2.cublasSgemm(
            handle,
            cublasOperation.CUBLAS_OP_T,
            cublasOperation.CUBLAS_OP_N,
            m,
            n,
            k,
            Pointer.to(new float[] {2}),
            deviceA,
            k,
            deviceB,
            k,
            Pointer.to(new float[] {0}),
            deviceC,
            m));
    float[] c = download(deviceC, m * n);
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        double sum = 0;
        for (int l = 0; l < k; l++) {
          sum += 2.0 * a[i * k + l] * b[j * k + l];
        }
        assertEquals(sum, c[j * m + i], 1e-5, "row " + i + " column " + j);
      }
    }
    check(JCublas2.cublasDestroy(handle));
    check(cuMemFree(deviceA));
    check(cuMemFree(deviceB));
    check(cuMemFree(deviceC));
  }

  @Test
  void convolves() {
    int channels = 5;
    int outputs = 19;
    int height = 6;
    int width = 9;
    int outHeight = 3;
    int outWidth = 5;
    float[] x = waves(height * width * channels, 3);
    float[] w = waves(outputs * 9 * channels, 4);
    cudnnHandle handle = new cudnnHandle();
    check(JCudnn.cudnnCreate(handle));
    cudnnTensorDescriptor in = new cudnnTensorDescriptor();
    cudnnTensorDescriptor out = new cudnnTensorDescriptor();
    cudnnFilterDescriptor filter = new cudnnFilterDescriptor();
    cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
    check(JCudnn.cudnnCreateTensorDescriptor(in));
    check(JCudnn.cudnnCreateTensorDescriptor(out));
    check(JCudnn.cudnnCreateFilterDescriptor(filter));
    check(JCudnn.cudnnCreateConvolutionDescriptor(convolution));
    int nhwc = cudnnTensorFormat.CUDNN_TENSOR_NHWC;
    int type = cudnnDataType.CUDNN_DATA_FLOAT;
    check(JCudnn.cudnnSetTensor4dDescriptor(in, nhwc, type, 1, channels, height, width));
    check(JCudnn.cudnnSetTensor4dDescriptor(out, nhwc, type, 1, outputs, outHeight, outWidth));
    check(JCudnn.cudnnSetFilter4dDescriptor(filter, type, nhwc, outputs, channels, 3, 3));
    int mode = cudnnConvolutionMode.CUDNN_CROSS_CORRELATION;
    check(JCudnn.cudnnSetConvolution2dDescriptor(convolution, 1, 1, 2, 2, 1, 1, mode, type));
    check(JCudnn.cudnnSetConvolutionMathType(convolution, cudnnMathType.CUDNN_FMA_MATH));
    int algorithm = cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
    long[] size = new long[1];
    check(
        JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
            handle, in, filter, convolution, out, algorithm, size));
    CUdeviceptr workspace = allocate((int) size[0] / Sizeof.FLOAT);
    CUdeviceptr deviceX = upload(x);
    CUdeviceptr deviceW = upload(w);
    CUdeviceptr deviceY = allocate(outHeight * outWidth * outputs);
    check(
        JCudnn.cudnnConvolutionForward(
            handle,
            Pointer.to(new float[] {1}),
            in,
            deviceX,
            filter,
            deviceW,
            convolution,
            algorithm,
            workspace,
            size[0],
            Pointer.to(new float[] {0}),
            out,
            deviceY));
    float[] y = download(deviceY, outHeight * outWidth * outputs);
    for (int p = 0; p < outHeight * outWidth; p++) {
      for (int o = 0; o < outputs; o++) {
        double sum = 0;
        for (int tap = 0; tap < 9; tap++) {
          int row = p / outWidth * 2 + tap / 3 - 1;
          int column = p % outWidth * 2 + tap % 3 - 1;
          if (row < 0 || row >= height || column < 0 || column >= width) {
            continue;
          }
          for (int c = 0; c < channels; c++) {
            sum += x[(row * width + column) * channels + c] * w[(o * 9 + tap) * channels + c];
          }
        }
        assertEquals(sum, y[p * outputs + o], 1e-5, "pixel " + p + " output " + o);
      }
    }
    check(JCudnn.cudnnDestroyConvolutionDescriptor(convolution));
    check(JCudnn.cudnnDestroyFilterDescriptor(filter));
    check(JCudnn.cudnnDestroyTensorDescriptor(out));
    check(JCudnn.cudnnDestroyTensorDescriptor(in));
    check(JCudnn.cudnnDestroy(handle));
    for (CUdeviceptr p : Arrays.asList(workspace, deviceX, deviceW, deviceY)) {
      check(cuMemFree(p));
    }
  }

  @Test
  void transforms() {
    int length = 400;
    int batch = 3;
    int bins = length / 2 + 1;
    float[] x = waves(length * batch, 5);
    CUdeviceptr in = upload(x);
    CUdeviceptr out = allocate(2 * bins * batch);
    cufftHandle plan = new cufftHandle();
    check(JCufft.cufftPlan1d(plan, length, cufftType.CUFFT_R2C, batch));
    check(JCufft.cufftExecR2C(plan, in, out));
    float[] y = download(out, 2 * bins * batch);
    for (int b = 0; b < batch; b++) {
      for (int bin = 0; bin < bins; bin++) {
        double re = 0;
        double im = 0;
        for (int i = 0; i < length; i++) {
          double angle = -2 * Math.PI * bin * i / length;
          re += x[b * length + i] * Math.cos(angle);
          im += x[b * length + i] * Math.sin(angle);
        }
        assertEquals(re, y[2 * (b * bins + bin)], 1e-4, "bin " + bin);
        assertEquals(im, y[2 * (b * bins + bin) + 1], 1e-4, "bin " + bin);
      }
    }
    check(JCufft.cufftDestroy(plan));
    check(cuMemFree(in));
    check(cuMemFree(out));
  }

  private static void check(int status) {
    assertEquals(CUDA_SUCCESS, status, () -> SimCuda.lastMessage());
  }

  private static nvrtcProgram program(String source) {
    nvrtcProgram program = new nvrtcProgram();
    check(JNvrtc.nvrtcCreateProgram(program, source, "test.cu", 0, null, null));
    return program;
  }

  private static int compile(nvrtcProgram program) {
    String[] options = {"--gpu-architecture=sm_86", "--std=c++17"};
    return JNvrtc.nvrtcCompileProgram(program, options.length, options);
  }

  private static String log(nvrtcProgram program) {
    String[] log = new String[1];
    check(JNvrtc.nvrtcGetProgramLog(program, log));
    return log[0];
  }

  private void launch(CUstream stream, CUdeviceptr x, CUdeviceptr y, float factor, int n) {
    Pointer arguments =
        Pointer.to(
            Pointer.to(x),
            Pointer.to(y),
            Pointer.to(new float[] {factor}),
            Pointer.to(new int[] {n}));
    check(cuLaunchKernel(scale, (n + 127) / 128, 1, 1, 128, 1, 1, 0, stream, arguments, null));
  }

  private static CUstream stream() {
    CUstream stream = new CUstream();
    check(cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    return stream;
  }

  private static CUdeviceptr allocate(int floats) {
    CUdeviceptr memory = new CUdeviceptr();
    check(cuMemAlloc(memory, (long) floats * Sizeof.FLOAT));
    return memory;
  }

  private static CUdeviceptr upload(float[] values) {
    CUdeviceptr memory = allocate(values.length);
    check(cuMemcpyHtoD(memory, Pointer.to(values), (long) values.length * Sizeof.FLOAT));
    return memory;
  }

  private static float[] download(CUdeviceptr memory, int floats) {
    float[] values = new float[floats];
    check(cuMemcpyDtoH(Pointer.to(values), memory, (long) floats * Sizeof.FLOAT));
    return values;
  }

  private static float[] ramp(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return values;
  }

  private static float[] scaled(float[] values, float factor) {
    float[] result = values.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] *= factor;
    }
    return result;
  }

  private static float[] waves(int count, int seed) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) Math.sin(1.3 * seed + 0.7 * i * seed);
    }
    return values;
  }
}
