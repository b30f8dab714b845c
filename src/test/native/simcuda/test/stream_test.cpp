// Streams, events and captured graphs.
#include <thread>

#include "selftest.h"

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

const Tests STREAM_TESTS = {
    {"work_is_deferred", work_is_deferred},
    {"streams_and_events", streams_and_events},
    {"capture_and_replay", capture_and_replay},
    {"illegal_captures", illegal_captures},
};
