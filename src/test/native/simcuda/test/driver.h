// The driver API as the tests use it, and what makes them short.
#pragma once
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "../src/api.h"

extern "C" {
CUresult cuInit(unsigned);
CUresult cuCtxCreate_v2(CUcontext*, unsigned, CUdevice);
CUresult cuCtxDestroy_v2(CUcontext);
CUresult cuCtxSetCurrent(CUcontext);
CUresult cuCtxSynchronize();
CUresult cuMemAlloc_v2(CUdeviceptr*, size_t);
CUresult cuMemFree_v2(CUdeviceptr);
CUresult cuMemFreeAsync(CUdeviceptr, CUstream);
CUresult cuMemAllocAsync(CUdeviceptr*, size_t, CUstream);
CUresult cuMemHostAlloc(void**, size_t, unsigned);
CUresult cuMemFreeHost(void*);
CUresult cuMemcpyHtoD_v2(CUdeviceptr, const void*, size_t);
CUresult cuMemcpyDtoH_v2(void*, CUdeviceptr, size_t);
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr, const void*, size_t, CUstream);
CUresult cuMemcpyDtoHAsync_v2(void*, CUdeviceptr, size_t, CUstream);
CUresult cuMemsetD32Async(CUdeviceptr, unsigned, size_t, CUstream);
CUresult cuMemAddressReserve(CUdeviceptr*, size_t, size_t, CUdeviceptr, unsigned long long);
CUresult cuMemAddressFree(CUdeviceptr, size_t);
CUresult cuMemCreate(simcuda::Physical**, size_t, const CUmemAllocationProp*, unsigned long long);
CUresult cuMemRelease(simcuda::Physical*);
CUresult cuMemMap(CUdeviceptr, size_t, size_t, simcuda::Physical*, unsigned long long);
CUresult cuMemSetAccess(CUdeviceptr, size_t, const CUmemAccessDesc*, size_t);
CUresult cuMemUnmap(CUdeviceptr, size_t);
CUresult cuStreamCreate(CUstream*, unsigned);
CUresult cuStreamDestroy_v2(CUstream);
CUresult cuStreamSynchronize(CUstream);
CUresult cuStreamQuery(CUstream);
CUresult cuStreamWaitEvent(CUstream, CUevent, unsigned);
CUresult cuStreamBeginCapture_v2(CUstream, CUstreamCaptureMode);
CUresult cuStreamEndCapture(CUstream, CUgraph*);
CUresult cuGraphInstantiateWithFlags(CUgraphExec*, CUgraph, unsigned long long);
CUresult cuGraphLaunch(CUgraphExec, CUstream);
CUresult cuGraphGetNodes(CUgraph, CUgraphNode*, size_t*);
CUresult cuGraphDestroy(CUgraph);
CUresult cuGraphExecDestroy(CUgraphExec);
CUresult cuEventCreate(CUevent*, unsigned);
CUresult cuEventDestroy_v2(CUevent);
CUresult cuEventRecord(CUevent, CUstream);
CUresult cuEventSynchronize(CUevent);
CUresult cuEventElapsedTime(float*, CUevent, CUevent);
CUresult cuModuleLoad(CUmodule*, const char*);
CUresult cuModuleLoadData(CUmodule*, const void*);
CUresult cuModuleGetFunction(CUfunction*, CUmodule, const char*);
CUresult cuFuncSetAttribute(CUfunction, int, int);
CUresult cuLaunchKernel(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CUstream, void**, void**);
CUresult cuTexRefCreate(void**);
void simcuda_fail(const char* call, long nth, int code);
void simcuda_lose_device();
void simcuda_reset();
void simcuda_hold(const char* call);
void simcuda_await_held();
void simcuda_release();
void simcuda_seed(uint64_t seed);
long simcuda_calls(const char* call);
long simcuda_live(const char* kind);
long simcuda_live_bytes();
long simcuda_launches();
const char* simcuda_last_message();
}

extern const char* kernel_file;

#define CHECK(condition) \
  ((condition) ? void(0) : (fprintf(stderr, "FAILED %s:%d: %s\n  last message: %s\n", __FILE__, __LINE__, #condition, simcuda_last_message()), exit(1)))
#define OK(call) CHECK((call) == CUDA_SUCCESS)
/** The last error was said, and said like this. */
#define SAYS(part) CHECK(strstr(simcuda_last_message(), part) != nullptr)

/** A fresh context with the test kernels. */
struct Device {
  CUcontext context;
  CUmodule module;
  CUstream stream;
  bool broken = false;

  Device() {
    simcuda_reset();
    OK(cuInit(0));
    OK(cuCtxCreate_v2(&context, 0, 0));
    OK(cuModuleLoad(&module, kernel_file));
    OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  }
  ~Device() { OK(cuCtxDestroy_v2(context)); }

  CUfunction function(const char* name) const {
    CUfunction f;
    OK(cuModuleGetFunction(&f, module, name));
    return f;
  }

  template <class... Args>
  CUresult launch(CUstream on, const char* name, unsigned blocks, unsigned threads, unsigned shared, Args... args) const {
    void* pointers[] = {&args..., nullptr};
    return cuLaunchKernel(function(name), blocks, 1, 1, threads, 1, 1, shared, on, pointers, nullptr);
  }
  /** Launches and waits. */
  template <class... Args>
  CUresult run(const char* name, unsigned blocks, unsigned threads, unsigned shared, Args... args) const {
    OK(launch(stream, name, blocks, threads, shared, args...));
    return cuStreamSynchronize(stream);
  }
};

template <class T>
struct Buffer {
  CUdeviceptr address = 0;
  size_t count;
  explicit Buffer(size_t count) : count(count) { OK(cuMemAlloc_v2(&address, count * sizeof(T))); }
  explicit Buffer(const std::vector<T>& values) : Buffer(values.size()) { OK(cuMemcpyHtoD_v2(address, values.data(), count * sizeof(T))); }
  std::vector<T> read() const {
    std::vector<T> values(count);
    OK(cuMemcpyDtoH_v2(values.data(), address, count * sizeof(T)));
    return values;
  }
  T* pointer() const { return reinterpret_cast<T*>(address); }
  void release() { OK(cuMemFree_v2(address)); }
};

inline std::vector<float> ramp(size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; i++) values[i] = static_cast<float>(i);
  return values;
}
