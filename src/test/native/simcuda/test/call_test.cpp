// Calls: wrong handles and arguments, injected faults, calls held back.
#include <thread>

#include "selftest.h"

static void misuse() {
  Device d;
  Buffer<float> x(ramp(16));
  float host[32];
  CHECK(cuMemcpyDtoH_v2(host, x.address, 65) == CUDA_ERROR_INVALID_VALUE);
  SAYS("65 bytes, but only 64 are there");
  CHECK(cuMemcpyDtoH_v2(host, reinterpret_cast<CUdeviceptr>(host), 4) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemFree_v2(x.address + 4) == CUDA_ERROR_INVALID_VALUE);
  CHECK(d.launch(d.stream, "scale", 1, 1025, 0, x.pointer(), x.pointer(), 1.0f, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(d.launch(d.stream, "scale", 0, 1, 0, x.pointer(), x.pointer(), 1.0f, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(d.launch(d.stream, "scale", 1, 1, 50000, x.pointer(), x.pointer(), 1.0f, 1) == CUDA_ERROR_INVALID_VALUE);
  OK(cuFuncSetAttribute(d.function("scale"), 8, 50000));
  OK(d.run("scale", 1, 1, 50000, x.pointer(), x.pointer(), 1.0f, 1));
  CHECK(cuFuncSetAttribute(d.function("scale"), 8, 200000) == CUDA_ERROR_INVALID_VALUE);
  CHECK(d.launch(d.stream, "take_struct", 1, 65, 0, 'a', x.pointer(), short{1}) == CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
  CUfunction f;
  CHECK(cuModuleGetFunction(&f, d.module, "nothing") == CUDA_ERROR_NOT_FOUND);
  CUmodule m;
  CHECK(cuModuleLoadData(&m, "garbage") == CUDA_ERROR_INVALID_IMAGE);
  CUstream stale = d.stream;
  OK(cuStreamDestroy_v2(stale));
  CHECK(cuStreamSynchronize(stale) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuTexRefCreate(nullptr) == CUDA_ERROR_NOT_SUPPORTED);
  x.release();
  CHECK(cuMemFree_v2(x.address) == CUDA_ERROR_INVALID_VALUE);
  SAYS("freed allocation");
  CHECK(cuCtxSetCurrent(nullptr) == CUDA_SUCCESS);
  CUdeviceptr p;
  CHECK(cuMemAlloc_v2(&p, 4) == CUDA_ERROR_INVALID_CONTEXT);
}

static void contexts_are_separate() {
  Device a;
  Buffer<float> x(4);
  Device b;  // current now
  CHECK(cuMemFree_v2(x.address) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(cuStreamSynchronize(a.stream) == CUDA_ERROR_INVALID_HANDLE);
  CUfunction f;
  CHECK(cuModuleGetFunction(&f, a.module, "scale") == CUDA_ERROR_INVALID_HANDLE);
  OK(cuCtxSetCurrent(a.context));
  x.release();
  OK(cuCtxSetCurrent(b.context));
}

static void calls_are_held_back() {
  Device d;
  simcuda_hold("cuMemA*");
  CUdeviceptr p = 0;
  std::thread other([&] {
    OK(cuCtxSetCurrent(d.context));
    OK(cuMemAlloc_v2(&p, 4));
  });
  simcuda_await_held();
  OK(cuCtxSynchronize());  // the device is free for others
  CHECK(p == 0 && simcuda_live("allocation") == 0);
  simcuda_release();
  other.join();
  OK(cuMemFree_v2(p));
}

static void faults() {
  Device d;
  CUdeviceptr p = 0;
  simcuda_fail("cuMemAlloc*", 2, 0);
  OK(cuMemAlloc_v2(&p, 4));
  CUdeviceptr q;
  CHECK(cuMemAlloc_v2(&q, 4) == CUDA_ERROR_OUT_OF_MEMORY);
  simcuda_fail("cuLaunchKernel", 1, 701);
  CHECK(d.launch(d.stream, "count_up", 1, 1, 0, reinterpret_cast<int*>(p)) == CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
  OK(d.launch(d.stream, "count_up", 1, 1, 0, reinterpret_cast<int*>(p)));
  CHECK(simcuda_calls("cuMemAlloc*") == 2);
  OK(cuStreamSynchronize(d.stream));
  simcuda_fail("cuMemFree*", 1, 2);
  CHECK(cuMemFree_v2(p) == CUDA_ERROR_OUT_OF_MEMORY && simcuda_live("allocation") == 0);  // gone all the same
  simcuda_fail("cuLaunchKernel", 1, CUDA_ERROR_LAUNCH_FAILED);
  CHECK(d.launch(d.stream, "count_up", 1, 1, 0, reinterpret_cast<int*>(p)) == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(cuMemAlloc_v2(&p, 4) == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(cuStreamSynchronize(d.stream) == CUDA_ERROR_LAUNCH_FAILED);
}

const Tests CALL_TESTS = {
    {"misuse", misuse},
    {"contexts_are_separate", contexts_are_separate},
    {"calls_are_held_back", calls_are_held_back},
    {"faults", faults},
};
