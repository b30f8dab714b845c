// Kernels: threads, barriers, warps, arguments, and each kind of wrong kernel.
#include "selftest.h"

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

static void asynchronous_copies() {
  Device d;
  Buffer<float> x(ramp(64)), y(64);
  OK(d.run("copy_asynchronously", 1, 16, 256, x.pointer(), y.pointer(), 1));
  CHECK(y.read()[0] == 60);
  OK(d.run("copy_asynchronously", 1, 16, 256, x.pointer(), y.pointer(), 0));
  CHECK(std::isnan(y.read()[0]));  // the missing wait shows
  x.release(), y.release();
}

static void half_arithmetic() {
  Device d;
  Buffer<uint16_t> x(std::vector<uint16_t>{0x4200, 0xc000}), y(2);  // 3, -2
  OK(d.run("halves", 1, 1, 0, x.address, y.address));
  CHECK((y.read() == std::vector<uint16_t>{0x4900, 0x4500}));  // 10, 5
  x.release(), y.release();
}

const Tests KERNEL_TESTS = {
    {"runs_kernels", runs_kernels},
    {"barriers", barriers},
    {"warps", warps},
    {"wrong_kernels", wrong_kernels},
    {"arguments", arguments},
    {"asynchronous_copies", asynchronous_copies},
    {"half_arithmetic", half_arithmetic},
};
