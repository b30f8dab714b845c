#include "pinned.h"

#include <sys/mman.h>

#include <map>

#include "call.h"
#include "context.h"
#include "control.h"
#include "poison.h"
#include "ranges.h"

namespace simcuda {

namespace {

std::map<uintptr_t, std::shared_ptr<Pinned>> pinned;

void* make_pinned(size_t bytes) {
  SIMCUDA_REQUIRE(bytes > 0, CUDA_ERROR_INVALID_VALUE, "bytes=0");
  void* p = mmap(nullptr, round_up(bytes, PAGE), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SIMCUDA_REQUIRE(p != MAP_FAILED, CUDA_ERROR_OUT_OF_MEMORY, "the host has no %zu bytes", bytes);
  fill_poison(p, bytes);
  pinned[reinterpret_cast<uintptr_t>(p)] = std::make_shared<Pinned>(Pinned{static_cast<char*>(p), bytes, true, false, &current_context()});
  born("pinned buffer");
  return p;
}

void forget(std::map<uintptr_t, std::shared_ptr<Pinned>>::iterator p) {
  p->second->live = false;
  if (!p->second->registered) munmap(p->second->start, round_up(p->second->bytes, PAGE));
  pinned.erase(p);
  gone("pinned buffer");
}

}  // namespace

std::shared_ptr<Pinned> pinned_around(const void* address, size_t bytes) {
  const auto p = entry_around(pinned, reinterpret_cast<uintptr_t>(address));
  if (p == pinned.end()) return nullptr;
  const size_t offset = static_cast<size_t>(static_cast<const char*>(address) - p->second->start);
  if (offset >= p->second->bytes) return nullptr;
  SIMCUDA_REQUIRE(offset + bytes <= p->second->bytes, CUDA_ERROR_INVALID_VALUE, "%zu bytes at offset %zu of a pinned buffer of %zu bytes", bytes, offset,
                  p->second->bytes);
  return p->second;
}

void release_pinned_of(Context& context) {
  for (auto p = pinned.begin(); p != pinned.end();) {
    const auto next = std::next(p);
    if (p->second->context == &context) forget(p);
    p = next;
  }
}

}  // namespace simcuda

using namespace simcuda;

SIMCUDA_CALL(cuMemHostAlloc, CONTEXT_NO_CAPTURE, (void** p, size_t bytes, unsigned flags), (p, bytes, flags)) {
  SIMCUDA_REQUIRE(flags <= 7, CUDA_ERROR_INVALID_VALUE, "flags=%u", flags);  // portable, mapped, write-combined
  *p = make_pinned(bytes);
}
SIMCUDA_CALL(cuMemAllocHost_v2, CONTEXT_NO_CAPTURE, (void** p, size_t bytes), (p, bytes)) { *p = make_pinned(bytes); }

SIMCUDA_CALL(cuMemFreeHost, CONTEXT_NO_CAPTURE, (void* p), (p)) {
  const auto found = pinned.find(reinterpret_cast<uintptr_t>(p));
  SIMCUDA_REQUIRE(found != pinned.end() && !found->second->registered, CUDA_ERROR_INVALID_VALUE, "%p is no pinned allocation", p);
  forget(found);
}

SIMCUDA_CALL(cuMemHostRegister_v2, CONTEXT_NO_CAPTURE, (void* p, size_t bytes, unsigned), (p, bytes, 0)) {
  SIMCUDA_REQUIRE(p != nullptr && bytes > 0, CUDA_ERROR_INVALID_VALUE, "p=%p bytes=%zu", p, bytes);
  SIMCUDA_REQUIRE(pinned_around(p, 0) == nullptr, CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "%p", p);
  pinned[reinterpret_cast<uintptr_t>(p)] = std::make_shared<Pinned>(Pinned{static_cast<char*>(p), bytes, true, true, &current_context()});
  born("pinned buffer");
}

SIMCUDA_CALL(cuMemHostUnregister, CONTEXT_NO_CAPTURE, (void* p), (p)) {
  const auto found = pinned.find(reinterpret_cast<uintptr_t>(p));
  SIMCUDA_REQUIRE(found != pinned.end() && found->second->registered, CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, "%p", p);
  forget(found);
}

SIMCUDA_CALL(cuMemHostGetDevicePointer_v2, CONTEXT, (CUdeviceptr * address, void* p, unsigned), (address, p, 0)) {
  SIMCUDA_REQUIRE(pinned_around(p, 0) != nullptr, CUDA_ERROR_INVALID_VALUE, "%p is not pinned", p);
  *address = reinterpret_cast<CUdeviceptr>(p);
}
