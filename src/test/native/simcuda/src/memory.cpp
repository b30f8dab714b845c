#include "memory.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <vector>

#include "call.h"
#include "context.h"
#include "control.h"
#include "pinned.h"
#include "poison.h"
#include "ranges.h"
#include "stream.h"
#include "virtual_memory.h"

namespace simcuda {

namespace {

constexpr size_t ALIGNMENT = 256, RED_ZONE = 256;
constexpr size_t QUARANTINE_BYTES = size_t{8} << 30;  // of address space only

/** [start, start + bytes) inside a private mapping [area, area + area_bytes) whose first and last page nobody can touch. */
struct Allocation {
  long number;
  char *start, *area;
  size_t bytes, area_bytes;
  const char* call;
  Context* context;
  bool freed;
};

std::map<uintptr_t, Allocation> allocations;  // by start; also those in quarantine
std::deque<uintptr_t> quarantine;
size_t quarantine_bytes;
size_t bytes_used;
long next_number = 1;

/** The allocation whose area, red zones included, holds the address. */
const Allocation* allocation_near(uintptr_t address) {
  auto next = allocations.upper_bound(address);
  for (int i = 0; i < 2; i++) {
    if (next != allocations.end()) {
      const Allocation& a = next->second;
      const uintptr_t area = reinterpret_cast<uintptr_t>(a.area);
      if (address >= area && address < area + a.area_bytes) return &a;
    }
    if (next == allocations.begin()) return nullptr;
    --next;
  }
  return nullptr;
}

/** Bytes from the address to the end of the live device memory that holds it; 0 if none does. */
size_t device_bytes_from(uintptr_t address) {
  const auto a = entry_around(allocations, address);
  if (a != allocations.end() && !a->second.freed && address - a->first < a->second.bytes) return a->second.bytes - (address - a->first);
  return mapped_bytes_from(address);
}

void charge(size_t bytes) {
  SIMCUDA_REQUIRE(bytes_used + bytes <= device_bytes_total(), CUDA_ERROR_OUT_OF_MEMORY, "%zu bytes asked, %zu of %zu in use", bytes, bytes_used,
                  device_bytes_total());
  bytes_used += bytes;
}

void paint_red_zones(const Allocation& a) {
  forbid(a.start - RED_ZONE, RED_ZONE, red(a.number));
  forbid(a.start + a.bytes, static_cast<size_t>(a.area + a.area_bytes - PAGE - (a.start + a.bytes)), red(a.number));
}

void check_red_zones(const Allocation& a, const char* after) {
  const size_t tail = static_cast<size_t>(a.area + a.area_bytes - PAGE - (a.start + a.bytes));
  const ptrdiff_t before = first_damage(a.start - RED_ZONE, RED_ZONE, red(a.number));
  const ptrdiff_t behind = first_damage(a.start + a.bytes, tail, red(a.number));
  if (before < 0 && behind < 0) return;
  paint_red_zones(a);  // so that it is said once
  if (behind >= 0) {
    fail(CUDA_ERROR_ILLEGAL_ADDRESS, "out-of-bounds write at offset %zu of allocation #%ld (%zu bytes from %s at %p), seen after %s", a.bytes + behind,
         a.number, a.bytes, a.call, static_cast<void*>(a.start), after);
  }
  fail(CUDA_ERROR_ILLEGAL_ADDRESS, "out-of-bounds write %td bytes before allocation #%ld (%zu bytes from %s at %p), seen after %s", RED_ZONE - before,
       a.number, a.bytes, a.call, static_cast<void*>(a.start), after);
}

CUdeviceptr allocate(size_t bytes, const char* call) {
  SIMCUDA_REQUIRE(bytes > 0, CUDA_ERROR_INVALID_VALUE, "bytes=0");
  charge(bytes);
  // The end lies as near to the untouchable page as the alignment lets it.
  const size_t inner = round_up(RED_ZONE + round_up(bytes, ALIGNMENT), PAGE), area_bytes = inner + 2 * PAGE;
  void* area = mmap(nullptr, area_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (area == MAP_FAILED || mprotect(static_cast<char*>(area) + PAGE, inner, PROT_READ | PROT_WRITE) != 0) {
    bytes_used -= bytes;
    fail(CUDA_ERROR_OUT_OF_MEMORY, "the host has no %zu bytes", bytes);
  }
  char* end = static_cast<char*>(area) + PAGE + inner;
  Allocation a{next_number++, end - round_up(bytes, ALIGNMENT), static_cast<char*>(area), bytes, area_bytes, call, &current_context(), false};
  fill_poison(a.start, bytes);
  paint_red_zones(a);
  allocations[reinterpret_cast<uintptr_t>(a.start)] = a;
  born("allocation");
  return reinterpret_cast<CUdeviceptr>(a.start);
}

void release(Allocation& a) {
  a.freed = true;
  bytes_used -= a.bytes;
  gone("allocation");
  permit(a.area, a.area_bytes);
  madvise(a.area, a.area_bytes, MADV_DONTNEED);
  mprotect(a.area, a.area_bytes, PROT_NONE);
  quarantine.push_back(reinterpret_cast<uintptr_t>(a.start));
  quarantine_bytes += a.area_bytes;
  while (quarantine_bytes > QUARANTINE_BYTES) {
    const auto oldest = allocations.find(quarantine.front());
    quarantine.pop_front();
    quarantine_bytes -= oldest->second.area_bytes;
    munmap(oldest->second.area, oldest->second.area_bytes);
    allocations.erase(oldest);
  }
}

Allocation& require_allocation(CUdeviceptr address) {
  const auto found = allocations.find(address);
  if (found == allocations.end() || found->second.freed) {
    char text[300];
    describe_address(as_pointer(address), text, sizeof text);
    fail(CUDA_ERROR_INVALID_VALUE, "not the start of an allocation: %s", text);
  }
  SIMCUDA_REQUIRE(found->second.context == &current_context(), CUDA_ERROR_INVALID_CONTEXT, "allocation #%ld belongs to another context",
                  found->second.number);
  return found->second;
}

void free_now(CUdeviceptr address, const char* call) {
  Allocation& a = require_allocation(address);
  const bool damaged = [&] {
    try {
      check_red_zones(a, call);
      return false;
    } catch (const Error&) {
      return true;
    }
  }();
  release(a);
  if (damaged) throw Error{CUDA_ERROR_ILLEGAL_ADDRESS};
}

}  // namespace

size_t device_bytes_used() { return bytes_used; }

size_t device_bytes_total() {
  const char* text = getenv("SIMCUDA_MEMORY");
  return text == nullptr ? size_t{4} << 30 : strtoull(text, nullptr, 10);
}

void take_device_bytes(size_t bytes) { charge(bytes); }
void give_back_device_bytes(size_t bytes) { bytes_used -= bytes; }

void require_device_range(CUdeviceptr address, size_t bytes, const char* what) {
  const size_t there = device_bytes_from(address);
  if (there > 0 && bytes <= there) return;
  char text[300];
  describe_address(as_pointer(address), text, sizeof text);
  if (there > 0) fail(CUDA_ERROR_INVALID_VALUE, "%s: %zu bytes, but only %zu are there: %s", what, bytes, there, text);
  fail(CUDA_ERROR_INVALID_VALUE, "%s: no live device memory: %s", what, text);
}

bool reachable(const void* address) {
  return device_bytes_from(reinterpret_cast<uintptr_t>(address)) > 0 || pinned_around(address, 0) != nullptr;
}

void require_reachable(const void* address, size_t bytes, const char* what) {
  if (pinned_around(address, bytes) == nullptr) require_device_range(reinterpret_cast<CUdeviceptr>(address), bytes, what);
}

void check_red_zones(const char* after) {
  for (const auto& [start, a] : allocations) {
    if (!a.freed) check_red_zones(a, after);
  }
}

void release_memory_of(Context& context) {
  std::vector<Allocation*> mine;
  for (auto& [start, a] : allocations) {
    if (!a.freed && a.context == &context) mine.push_back(&a);
  }
  for (Allocation* a : mine) {
    if (context.broken == CUDA_SUCCESS) {
      report("leak: allocation #%ld (%zu bytes from %s) dies with its context", a->number, a->bytes, a->call);
      born("leak");
    }
    release(*a);
  }
}

void describe_address(const void* address, char* text, size_t length) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(address);
  if (at < PAGE) {
    snprintf(text, length, "address %p is null or near it (or an address with high bits set)", address);
    return;
  }
  const Allocation* a = allocation_near(at);
  if (a != nullptr) {
    snprintf(text, length, "address %p is at offset %td of %sallocation #%ld (%zu bytes from %s)", address,
             static_cast<const char*>(address) - a->start, a->freed ? "the freed " : "", a->number, a->bytes, a->call);
    return;
  }
  if (describe_reserved(address, text, length)) return;
  snprintf(text, length, "address %p belongs to no device memory", address);
}

}  // namespace simcuda

using namespace simcuda;

SIMCUDA_CALL(cuMemAlloc_v2, CONTEXT_NO_CAPTURE, (CUdeviceptr * address, size_t bytes), (address, bytes)) { *address = allocate(bytes, "cuMemAlloc"); }

SIMCUDA_CALL(cuMemFree_v2, CONTEXT_NO_CAPTURE, (CUdeviceptr address), (address)) {
  if (address != 0) free_now(address, "cuMemFree");
}

SIMCUDA_CALL(cuMemAllocAsync, CONTEXT, (CUdeviceptr * address, size_t bytes, CUstream stream), (address, bytes, stream)) {
  SIMCUDA_REQUIRE(!capturing(require_stream(stream)), CUDA_ERROR_NOT_SUPPORTED, "allocation nodes of a graph");
  *address = allocate(bytes, "cuMemAllocAsync");
}

SIMCUDA_CALL(cuMemFreeAsync, CONTEXT, (CUdeviceptr address, CUstream stream), (address, stream)) {
  SIMCUDA_REQUIRE(!capturing(require_stream(stream)), CUDA_ERROR_NOT_SUPPORTED, "allocation nodes of a graph");
  require_allocation(address);
  enqueue(stream, {"cuMemFreeAsync", CU_GRAPH_NODE_TYPE_MEMSET, [=] { free_now(address, "cuMemFreeAsync"); }});
}

SIMCUDA_CALL(cuMemGetInfo_v2, CONTEXT, (size_t * free, size_t* total), (free, total)) {
  *free = device_bytes_total() - bytes_used;
  *total = device_bytes_total();
}

SIMCUDA_CALL(cuMemGetAddressRange_v2, CONTEXT, (CUdeviceptr * base, size_t* bytes, CUdeviceptr address), (base, bytes, address)) {
  const auto a = entry_around(allocations, address);
  SIMCUDA_REQUIRE(a != allocations.end() && !a->second.freed && address - a->first < a->second.bytes, CUDA_ERROR_NOT_FOUND, "%llx is in no allocation", address);
  if (base != nullptr) *base = a->first;
  if (bytes != nullptr) *bytes = a->second.bytes;
}
