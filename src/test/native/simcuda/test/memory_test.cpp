// Memory: what is fresh, freed, mapped, used up or left behind.
#include "selftest.h"

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

const Tests MEMORY_TESTS = {
    {"fresh_memory_is_poison", fresh_memory_is_poison},
    {"freed_memory_is_gone", freed_memory_is_gone},
    {"stream_ordered_allocation", stream_ordered_allocation},
    {"virtual_memory", virtual_memory},
    {"out_of_memory_and_leaks", out_of_memory_and_leaks},
};
