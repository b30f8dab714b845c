package io.voiceprint.simcuda;

import static jcuda.driver.CUresult.CUDA_ERROR_ILLEGAL_ADDRESS;
import static jcuda.driver.CUresult.CUDA_ERROR_INVALID_DEVICE;
import static jcuda.driver.CUresult.CUDA_ERROR_LAUNCH_FAILED;
import static jcuda.driver.CUresult.CUDA_ERROR_OUT_OF_MEMORY;
import static jcuda.driver.CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
import static jcuda.driver.CUresult.CUDA_SUCCESS;
import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxDestroy;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
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
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import jcuda.nvrtc.nvrtcResult;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The driver of the software CUDA device, and its compiler, through JCuda's own natives. */
class SimCudaTest extends SimCudaDevice {
  private static final String SOURCE =
      """
      extern "C" __global__ void scale(const float* x, float* y, float factor, int n) {
        const int i = blockIdx.x * blockDim.x + threadIdx.x;
        if (i < n) y[i] = x[i] * factor;
      }
      """;
  private static final int N = 1021;
  private static byte[] image;
  private final CUfunction scale = new CUfunction();

  @BeforeAll
  static void compile() {
    nvrtcProgram program = program(SOURCE);
    long[] size = new long[1];
    assertEquals(nvrtcResult.NVRTC_SUCCESS, compile(program), () -> log(program));
    JNvrtc.nvrtcGetCUBINSize(program, size);
    image = new byte[(int) size[0]];
    JNvrtc.nvrtcGetCUBIN(program, image);
    JNvrtc.nvrtcDestroyProgram(program);
  }

  @BeforeEach
  void loadKernel() {
    CUmodule module = new CUmodule();
    check(cuModuleLoadData(module, image));
    check(cuModuleGetFunction(scale, module, "scale"));
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
  void oneDeviceOfSeveralIsLost() {
    SimCuda.showDevices(2);
    CUdevice second = new CUdevice();
    check(cuDeviceGet(second, 1));
    CUcontext other = new CUcontext();
    check(cuCtxCreate(other, 0, second));
    SimCuda.loseOneDevice(0);
    check(cuMemFree(allocate(1)));
    check(cuCtxSetCurrent(context));
    assertEquals(CUDA_ERROR_LAUNCH_FAILED, cuMemAlloc(new CUdeviceptr(), 4));
    check(cuCtxDestroy(other));
    SimCuda.reset();
    assertEquals(CUDA_ERROR_INVALID_DEVICE, cuDeviceGet(second, 1));
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
}
