// Self-test of the software device: right programs give right results, and each kind of wrong program is caught.
//   selftest KERNELS.so          everything
//   selftest KERNELS.so NAME     one test
//
// Built with AddressSanitizer, wrong accesses end the process with a report instead of an error; so what must fail runs in a
// child process, and the exit status says which it was.
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "driver.h"

const char* kernel_file;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool SANITIZED = true;
#else
constexpr bool SANITIZED = false;
#endif
constexpr int SANITIZER_EXIT = 23;
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() { return "exitcode=23:detect_leaks=0"; }
extern "C" __attribute__((visibility("default"))) const char* __ubsan_default_options() { return "exitcode=23"; }

/** Runs the body, in which work fails with that code, in a child process. */
static void fails_with(CUresult code, const std::function<void()>& body) {
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
  const bool by_sanitizer = SANITIZED && (code == CUDA_ERROR_ILLEGAL_ADDRESS || code == CUDA_ERROR_MISALIGNED_ADDRESS);
  CHECK(WEXITSTATUS(status) == (by_sanitizer ? SANITIZER_EXIT : 0));
}

static void runs_kernels() {
  Device d;
  for (size_t n : {1, 31, 32, 33, 127, 1021}) {
    Buffer<float> x(ramp(n)), y(n);
    OK(d.run("scale", (static_cast<unsigned>(n) + 63) / 64, 64, 0, x.pointer(), y.pointer(), 2.0f, static_cast<int>(n)));
    const auto result = y.read();
    for (size_t i = 0; i < n; i++) CHECK(result[i] == 2.0f * static_cast<float>(i));
    x.release();
    y.release();
  }
  CHECK(simcuda_launches() == 6);
  CHECK(simcuda_live_bytes() == 0);
}

static void barriers() {
  Device d;
  for (unsigned n : {1u, 31u, 33u, 127u, 1024u}) {
    Buffer<float> x(ramp(n));
    OK(d.run("reverse_block", 1, n, n * 4, x.pointer(), 1));
    const auto result = x.read();
    for (unsigned i = 0; i < n; i++) CHECK(result[i] == static_cast<float>(n - 1 - i));
    x.release();
  }
  Buffer<float> x(ramp(256));
  OK(d.run("reverse_block", 1, 256, 1024, x.pointer(), 0));
  bool wrong = false;
  const auto result = x.read();
  for (unsigned i = 0; i < 256; i++) wrong = wrong || !(result[i] == static_cast<float>(255 - i));
  CHECK(wrong);  // the missing barrier shows
  Buffer<float> in(ramp(256)), sum(1);
  OK(d.run("sum_block", 1, 256, 32, in.pointer(), sum.pointer()));
  CHECK(sum.read()[0] == 255.0f * 128.0f);
  x.release(), in.release(), sum.release();
}

static void warps() {
  Device d;
  Buffer<int> out(320);
  OK(d.run("warp_operations", 1, 32, 0, out.pointer()));
  const auto r = out.read();
  for (int lane = 0; lane < 32; lane++) {
    const auto at = [&](int kind) { return r[static_cast<size_t>(kind * 32 + lane)]; };
    CHECK(at(0) == 5);
    CHECK(at(1) == (lane & ~7) + 3);
    CHECK(at(2) == (lane % 16 < 2 ? lane : lane - 2));
    CHECK(at(3) == (lane % 16 >= 13 ? lane : lane + 3));
    CHECK(at(4) == (lane ^ 9));
    CHECK(static_cast<unsigned>(at(5)) == 0x49249249u);
    CHECK(at(6) == 3);
    CHECK(at(7) == 496);
    CHECK(at(8) == (lane ^ 1));
    CHECK(at(9) == 10);
  }
  Buffer<int> left(16);
  OK(d.run("half_lanes_leave", 1, 32, 0, left.pointer()));
  CHECK(left.read()[0] == 0x7fff7fff);  // the value of a lane that is gone is poison
  Buffer<float> x(ramp(32));
  OK(d.run("collective", 1, 32, 0, x.pointer()));
  CHECK(x.read()[31] == 496.0f + 31.0f);
  out.release(), left.release(), x.release();
}

/** A launch that must fail; the message contains the text. */
template <class... Args>
static void caught(CUresult code, const char* says, const char* kernel, unsigned threads, unsigned shared, Args... args) {
  fails_with(code, [&] {
    Device d;
    Buffer<float> memory(1021);
    Buffer<int> numbers(std::vector<int>(64, 0));
    const CUresult status = d.run(kernel, 1, threads, shared, args(memory, numbers)...);
    CHECK(status == code);
    SAYS(says);
    CHECK(cuMemFree_v2(memory.address) == code);  // the context stays broken
  });
}

static void wrong_kernels() {
  const auto floats = [](Buffer<float>& m, Buffer<int>&) { return m.pointer(); };
  const auto ints = [](Buffer<float>&, Buffer<int>& n) { return n.pointer(); };
  const auto number = [](long long i) { return [i](Buffer<float>&, Buffer<int>&) { return i; }; };
  const auto small = [](int i) { return [i](Buffer<float>&, Buffer<int>&) { return i; }; };
  caught(CUDA_ERROR_LAUNCH_FAILED, "divergent barrier or deadlock: thread (", "divergent_barrier", 64, 0, ints);
  caught(CUDA_ERROR_LAUNCH_FAILED, "divergent barrier or deadlock: thread (", "two_barriers", 64, 0, ints);
  caught(CUDA_ERROR_LAUNCH_FAILED, "with mask=00000001 by lane", "mask_without_me", 2, 0, ints);
  caught(CUDA_ERROR_ILLEGAL_ADDRESS, "out-of-bounds write at offset 4084 of allocation", "store_at", 1, 0, floats, number(1021));
  caught(CUDA_ERROR_ILLEGAL_ADDRESS, "out-of-bounds write 4 bytes before allocation", "store_at", 1, 0, floats, number(-1));
  caught(CUDA_ERROR_ILLEGAL_ADDRESS, "is at offset 6000 of allocation", "store_at", 1, 0, floats, number(1500));
  caught(CUDA_ERROR_ILLEGAL_ADDRESS, "kernel load_at, block (0,0,0), thread (0,0,0): address", "load_at", 1, 0, floats, floats, number(1500));
  caught(CUDA_ERROR_ILLEGAL_ADDRESS, "belongs to no device memory", "store_at", 1, 0, floats, number(-(1LL << 33)));
  caught(CUDA_ERROR_ILLEGAL_ADDRESS, "is null or near it", "store_at", 1, 0, [](auto&, auto&) { return static_cast<float*>(nullptr); }, number(1));
  caught(CUDA_ERROR_ILLEGAL_ADDRESS, "out-of-bounds write at offset 8 of the dynamic shared memory of 8 bytes", "store_shared_at", 1, 8, floats, small(2));
  caught(CUDA_ERROR_ILLEGAL_ADDRESS, "out-of-bounds write 4 bytes before the dynamic shared memory", "store_shared_at", 1, 8, floats, small(-1));
  caught(CUDA_ERROR_ILLEGAL_ADDRESS, "kernel store_shared_at", "store_shared_at", 1, 16, floats, small(4));
  caught(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned", "load_vector_at", 1, 0, floats, floats, small(1));
  caught(CUDA_ERROR_MISALIGNED_ADDRESS, "division", "divide", 1, 0, ints, small(0));
  caught(CUDA_ERROR_ASSERT, "assertion failed: *x == 1", "fail_assertion", 1, 0, ints);
  caught(CUDA_ERROR_ILLEGAL_ADDRESS, "the stack of the thread has overflowed", "overflow_stack", 1, 0, ints);
}

static void fresh_memory_is_poison() {
  Device d;
  Buffer<float> x(33);
  for (float v : x.read()) CHECK(std::isnan(v));
  Buffer<uint16_t> h(33);
  for (uint16_t v : h.read()) CHECK((v & 0x7fff) > 0x7c00);
  x.release(), h.release();
}

static void freed_memory_is_gone() {
  Device d;
  Buffer<float> x(ramp(16)), y(16);
  OK(d.launch(d.stream, "scale", 1, 16, 0, x.pointer(), y.pointer(), 1.0f, 16));
  x.release();  // while a kernel that reads it is pending
  CHECK(cuStreamSynchronize(d.stream) == CUDA_ERROR_ILLEGAL_ADDRESS);
  SAYS("argument 0 is no live device memory: address");
  SAYS("of the freed allocation");
}

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

static void arguments() {
  Device d;
  Buffer<float> out(1);
  struct Pair {
    float* to;
    int value;
  } pair{out.pointer(), 40};
  OK(d.run("take_struct", 1, 1, 0, char{1}, pair, short{1}));
  CHECK(out.read()[0] == 42);
  struct Packed {  // as nvcc lays the parameters out
    char a;
    alignas(8) Pair p;
    short b;
  } packed{2, pair, 3};
  size_t bytes = offsetof(Packed, b) + sizeof(short);
  void* extra[] = {reinterpret_cast<void*>(1), &packed, reinterpret_cast<void*>(2), &bytes, nullptr};
  OK(cuLaunchKernel(d.function("take_struct"), 1, 1, 1, 1, 1, 1, 0, d.stream, nullptr, extra));
  packed.a = 100;  // was copied
  OK(cuStreamSynchronize(d.stream));
  CHECK(out.read()[0] == 45);
  bytes -= 1;
  CHECK(cuLaunchKernel(d.function("take_struct"), 1, 1, 1, 1, 1, 1, 0, d.stream, nullptr, extra) == CUDA_ERROR_INVALID_VALUE);
  out.release();
}

static void work_is_deferred() {
  Device d;
  Buffer<float> x(ramp(16)), y(16);
  void* pinned;
  OK(cuMemHostAlloc(&pinned, 64, 0));
  float* host = static_cast<float*>(pinned);
  host[3] = -1;
  OK(d.launch(d.stream, "scale", 1, 16, 0, x.pointer(), y.pointer(), 2.0f, 16));
  OK(cuMemcpyDtoHAsync_v2(host, y.address, 64, d.stream));
  CHECK(host[3] == -1 && simcuda_launches() == 0);
  CHECK(std::isnan(y.read()[3]));  // the null stream does not wait for a non-blocking one
  CHECK(cuStreamQuery(d.stream) == CUDA_ERROR_NOT_READY);
  while (cuStreamQuery(d.stream) == CUDA_ERROR_NOT_READY) {
  }
  CHECK(host[3] == 6);
  OK(cuMemcpyDtoHAsync_v2(host, x.address, 64, d.stream));
  OK(cuMemFreeHost(pinned));
  CHECK(cuStreamSynchronize(d.stream) == CUDA_ERROR_ILLEGAL_ADDRESS);
  SAYS("the pinned buffer was freed before the copy ran");
}

static void streams_and_events() {
  Device d;
  CUstream second, blocking;
  OK(cuStreamCreate(&second, CU_STREAM_NON_BLOCKING));
  OK(cuStreamCreate(&blocking, 0));
  Buffer<float> x(ramp(16)), y(16), z(16), w(16);
  CUevent done, begin;
  OK(cuEventCreate(&done, 0));
  OK(cuEventCreate(&begin, 0));
  OK(cuEventRecord(begin, d.stream));
  OK(d.launch(d.stream, "scale", 1, 16, 0, x.pointer(), y.pointer(), 2.0f, 16));
  OK(d.launch(second, "scale", 1, 16, 0, y.pointer(), z.pointer(), 2.0f, 16));  // waits for nothing
  OK(cuStreamSynchronize(second));
  CHECK(std::isnan(z.read()[3]));
  OK(cuEventRecord(done, d.stream));
  OK(cuStreamWaitEvent(second, done, 0));
  OK(d.launch(second, "scale", 1, 16, 0, y.pointer(), z.pointer(), 2.0f, 16));
  OK(cuStreamSynchronize(second));
  CHECK(z.read()[3] == 12);
  float milliseconds = -1;
  OK(cuEventElapsedTime(&milliseconds, begin, done));
  CHECK(milliseconds >= 0);
  OK(d.launch(blocking, "scale", 1, 16, 0, x.pointer(), w.pointer(), 5.0f, 16));
  CHECK(w.read()[3] == 15);  // the null stream waits for a blocking one
  OK(cuEventDestroy_v2(done));
  OK(cuEventDestroy_v2(begin));
  x.release(), y.release(), z.release(), w.release();
}

static void stream_ordered_allocation() {
  Device d;
  CUdeviceptr p;
  OK(cuMemAllocAsync(&p, 64, d.stream));
  OK(cuMemsetD32Async(p, 0, 16, d.stream));
  OK(cuMemFreeAsync(p, d.stream));
  CHECK(simcuda_live("allocation") == 1);
  OK(cuStreamSynchronize(d.stream));
  CHECK(simcuda_live("allocation") == 0);
}

static void capture_and_replay() {
  Device d;
  CUstream side;
  OK(cuStreamCreate(&side, CU_STREAM_NON_BLOCKING));
  CUevent fork, join;
  OK(cuEventCreate(&fork, CU_EVENT_DISABLE_TIMING));
  OK(cuEventCreate(&join, CU_EVENT_DISABLE_TIMING));
  Buffer<float> x(16), y(16), z(16);
  Buffer<int> counter(std::vector<int>{0});
  void* pinned;
  OK(cuMemHostAlloc(&pinned, 128, 0));
  float *in = static_cast<float*>(pinned), *out = in + 16;
  OK(cuStreamBeginCapture_v2(d.stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
  OK(cuMemcpyHtoDAsync_v2(x.address, in, 64, d.stream));
  OK(cuEventRecord(fork, d.stream));
  OK(cuStreamWaitEvent(side, fork, 0));
  OK(d.launch(side, "count_up", 3, 5, 0, counter.pointer()));
  OK(d.launch(d.stream, "scale", 1, 16, 0, x.pointer(), y.pointer(), 3.0f, 16));
  OK(cuEventRecord(join, side));
  OK(cuStreamWaitEvent(d.stream, join, 0));
  OK(cuMemcpyDtoHAsync_v2(out, y.address, 64, d.stream));
  CUgraph graph;
  OK(cuStreamEndCapture(d.stream, &graph));
  size_t nodes = 0;
  OK(cuGraphGetNodes(graph, nullptr, &nodes));
  CHECK(nodes == 4);
  CUgraphExec exec;
  const long without = simcuda_live_bytes();
  OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
  CHECK(simcuda_live_bytes() == without + 4 * 10240);
  OK(cuGraphDestroy(graph));
  for (int run = 1; run <= 3; run++) {
    for (int i = 0; i < 16; i++) in[i] = static_cast<float>(run * i);
    OK(cuGraphLaunch(exec, d.stream));
    OK(cuStreamSynchronize(d.stream));
    CHECK(out[15] == static_cast<float>(run * 45));
    CHECK(counter.read()[0] == 15 * run);
  }
  OK(cuGraphExecDestroy(exec));
  CHECK(simcuda_live_bytes() == without);
  x.release(), y.release(), z.release(), counter.release();
  OK(cuMemFreeHost(pinned));
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

static void illegal_captures() {
  const std::vector<std::pair<CUresult, std::function<CUresult(Device&, CUstream)>>> cases = {
      {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [](Device&, CUstream) { CUdeviceptr p; return cuMemAlloc_v2(&p, 4); }},
      {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [](Device& d, CUstream) { return cuStreamSynchronize(d.stream); }},
      {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [](Device&, CUstream) { return cuCtxSynchronize(); }},
      {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [](Device& d, CUstream) { return cuStreamQuery(d.stream); }},
  };
  for (const auto& [code, act] : cases) {
    Device d;
    OK(cuStreamBeginCapture_v2(d.stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
    CHECK(act(d, d.stream) == code);
    CUgraph graph;
    CHECK(cuStreamEndCapture(d.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  }
  {  // waiting for everything includes the captured stream, whoever captures it
    Device d;
    OK(cuStreamBeginCapture_v2(d.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    std::thread([&] {
      OK(cuCtxSetCurrent(d.context));
      CUdeviceptr p;
      OK(cuMemAlloc_v2(&p, 4));
      OK(cuMemFree_v2(p));
      CHECK(cuCtxSynchronize() == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    }).join();
    CUgraph graph;
    CHECK(cuStreamEndCapture(d.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  }
  Device d;
  CUstream side;
  CUevent fork;
  CUgraph graph;
  Buffer<int> counter(std::vector<int>{0});
  OK(cuStreamCreate(&side, CU_STREAM_NON_BLOCKING));
  OK(cuEventCreate(&fork, 0));
  OK(cuStreamBeginCapture_v2(d.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  OK(cuEventRecord(fork, d.stream));
  CHECK(cuEventSynchronize(fork) == CUDA_ERROR_CAPTURED_EVENT);
  OK(cuStreamWaitEvent(side, fork, 0));
  OK(d.launch(side, "count_up", 1, 1, 0, counter.pointer()));
  CHECK(cuStreamEndCapture(d.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
  counter.release();
}

static void virtual_memory() {
  constexpr size_t MIB = 1 << 20;
  Device d;
  CUdeviceptr range;
  OK(cuMemAddressReserve(&range, 8 * MIB, 0, 0, 0));
  const CUmemAllocationProp property{1, 0, {1, 0}, nullptr, {}};
  const CUmemAccessDesc access{{1, 0}, 3};
  simcuda::Physical* memory;
  OK(cuMemCreate(&memory, 2 * MIB, &property, 0));
  OK(cuMemMap(range, 2 * MIB, 0, memory, 0));
  CHECK(cuMemsetD32Async(range, 0, 1, d.stream) == CUDA_ERROR_INVALID_VALUE);  // no access yet
  OK(cuMemSetAccess(range, 2 * MIB, &access, 1));
  OK(cuMemRelease(memory));
  float value;
  OK(cuMemcpyDtoH_v2(&value, range + 2 * MIB - 4, 4));
  CHECK(std::isnan(value));
  simcuda::Physical* more;
  OK(cuMemCreate(&more, 4 * MIB, &property, 0));
  OK(cuMemMap(range + 2 * MIB, 4 * MIB, 0, more, 0));
  OK(cuMemSetAccess(range + 2 * MIB, 4 * MIB, &access, 1));
  OK(cuMemRelease(more));
  OK(cuMemsetD32Async(range, 7, 6 * MIB / 4, d.stream));  // across the seam
  OK(cuStreamSynchronize(d.stream));
  CHECK(cuMemAddressFree(range, 8 * MIB) == CUDA_ERROR_INVALID_VALUE);  // still mapped
  CHECK(simcuda_live_bytes() == 6 * MIB);
  OK(cuMemUnmap(range, 6 * MIB));
  CHECK(simcuda_live_bytes() == 0);
  fails_with(CUDA_ERROR_ILLEGAL_ADDRESS, [&] {
    CHECK(d.run("store_at", 1, 1, 0, static_cast<float*>(nullptr), static_cast<long long>(range / 4)) == CUDA_ERROR_ILLEGAL_ADDRESS);
    SAYS("of a reserved range of 8388608 bytes, where nothing accessible is mapped");
  });
  OK(cuMemAddressFree(range, 8 * MIB));
}

static void asynchronous_copies() {
  Device d;
  Buffer<float> x(ramp(64)), y(64);
  OK(d.run("copy_asynchronously", 1, 16, 256, x.pointer(), y.pointer(), 1));
  CHECK(y.read()[0] == 60);
  OK(d.run("copy_asynchronously", 1, 16, 256, x.pointer(), y.pointer(), 0));
  CHECK(std::isnan(y.read()[0]));  // the missing wait shows
  x.release(), y.release();
}

static void faults() {
  Device d;
  CUdeviceptr p = 0;
  simcuda_fail("cuMemAlloc*", 2, 0);
  OK(cuMemAlloc_v2(&p, 4));
  CUdeviceptr q;
  CHECK(cuMemAlloc_v2(&q, 4) == CUDA_ERROR_OUT_OF_MEMORY);
  simcuda_fail("cuLaunchKernel", 1, 719);
  CHECK(d.launch(d.stream, "count_up", 1, 1, 0, reinterpret_cast<int*>(p)) == CUDA_ERROR_LAUNCH_FAILED);
  OK(d.launch(d.stream, "count_up", 1, 1, 0, reinterpret_cast<int*>(p)));
  CHECK(simcuda_calls("cuMemAlloc*") == 2);
  OK(cuStreamSynchronize(d.stream));
  OK(cuMemFree_v2(p));
  simcuda_lose_device();
  CHECK(cuMemAlloc_v2(&p, 4) == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(cuStreamSynchronize(d.stream) == CUDA_ERROR_LAUNCH_FAILED);
}

static void out_of_memory_and_leaks() {
  setenv("SIMCUDA_MEMORY", "1000", 1);
  {
    Device d;
    CUdeviceptr p, q;
    OK(cuMemAlloc_v2(&p, 600));
    CHECK(cuMemAlloc_v2(&q, 600) == CUDA_ERROR_OUT_OF_MEMORY);
    SAYS("600 bytes asked, 600 of 1000 in use");
    OK(cuMemFree_v2(p));
    OK(cuMemAlloc_v2(&q, 600));
  }
  unsetenv("SIMCUDA_MEMORY");
  CHECK(simcuda_live("leak") == 1);
  CHECK(simcuda_live("allocation") == 0);
}

static void half_arithmetic() {
  Device d;
  Buffer<uint16_t> x(std::vector<uint16_t>{0x4200, 0xc000}), y(2);  // 3, -2
  OK(d.run("halves", 1, 1, 0, x.address, y.address));
  CHECK((y.read() == std::vector<uint16_t>{0x4900, 0x4500}));  // 10, 5
  x.release(), y.release();
}

int main(int, char** argv) {
  kernel_file = argv[1];
  int ran = 0;
  const std::map<std::string, void (*)()> tests = {
      {"runs_kernels", runs_kernels},
      {"barriers", barriers},
      {"warps", warps},
      {"wrong_kernels", wrong_kernels},
      {"fresh_memory_is_poison", fresh_memory_is_poison},
      {"freed_memory_is_gone", freed_memory_is_gone},
      {"misuse", misuse},
      {"contexts_are_separate", contexts_are_separate},
      {"arguments", arguments},
      {"work_is_deferred", work_is_deferred},
      {"streams_and_events", streams_and_events},
      {"stream_ordered_allocation", stream_ordered_allocation},
      {"calls_are_held_back", calls_are_held_back},
      {"capture_and_replay", capture_and_replay},
      {"illegal_captures", illegal_captures},
      {"virtual_memory", virtual_memory},
      {"asynchronous_copies", asynchronous_copies},
      {"faults", faults},
      {"out_of_memory_and_leaks", out_of_memory_and_leaks},
      {"half_arithmetic", half_arithmetic},
  };
  for (const auto& [name, test] : tests) {
    if (argv[2] != nullptr && name != argv[2]) continue;
    test();
    ran++;
    printf("passed %s\n", name.c_str());
    fflush(stdout);
  }
  printf("%d tests passed\n", ran);
  return ran > 0 ? 0 : 1;
}
