package io.voiceprint.simcuda;

import static jcuda.driver.CUresult.CUDA_SUCCESS;
import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxDestroy;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.voiceprint.cuda.CudaLibraries;
import io.voiceprint.cuda.CudaLibrary;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** The software CUDA device with a context of its own for each test. */
abstract class SimCudaDevice {
  final CUcontext context = new CUcontext();

  @BeforeAll
  static void requireDevice() {
    SimCuda.require();
    for (CudaLibrary library : CudaLibrary.values()) {
      CudaLibraries.require(library);
    }
  }

  @BeforeEach
  void openDevice() {
    SimCuda.reset();
    check(cuInit(0));
    CUdevice device = new CUdevice();
    check(cuDeviceGet(device, 0));
    check(cuCtxCreate(context, 0, device));
  }

  @AfterEach
  void closeDevice() {
    check(cuCtxDestroy(context));
    SimCuda.reset();
  }

  static void check(int status) {
    assertEquals(CUDA_SUCCESS, status, () -> SimCuda.lastMessage());
  }

  static CUdeviceptr allocate(int floats) {
    CUdeviceptr memory = new CUdeviceptr();
    check(cuMemAlloc(memory, (long) floats * Sizeof.FLOAT));
    return memory;
  }

  static CUdeviceptr upload(float[] values) {
    CUdeviceptr memory = allocate(values.length);
    check(cuMemcpyHtoD(memory, Pointer.to(values), (long) values.length * Sizeof.FLOAT));
    return memory;
  }

  static float[] download(CUdeviceptr memory, int floats) {
    float[] values = new float[floats];
    check(cuMemcpyDtoH(Pointer.to(values), memory, (long) floats * Sizeof.FLOAT));
    return values;
  }
}
