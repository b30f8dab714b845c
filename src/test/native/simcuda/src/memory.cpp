#include "memory.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <vector>

#include "call.h"
#include "context.h"
#include "control.h"
#include "limits.h"
#include "poison.h"
#include "stream.h"

namespace simcuda {

/** What cuMemCreate makes: memory without an address, poisoned once. */
struct Physical {
  CUdevice device;
  int file;
  size_t bytes;
  int mappings;
  bool released;
};

namespace {

constexpr size_t PAGE = 4096, ALIGNMENT = 256, RED_ZONE = 256;
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

struct Mapping {
  size_t bytes;
  Physical* physical;
  bool accessible;
};

struct Reservation {
  size_t bytes;
  std::map<uintptr_t, Mapping> mappings;
};

std::map<uintptr_t, Allocation> allocations;  // by start; also those in quarantine
std::deque<uintptr_t> quarantine;
size_t quarantine_bytes;
std::map<uintptr_t, Reservation> reservations;
std::map<uintptr_t, std::shared_ptr<Pinned>> pinned;
size_t bytes_used;
long next_number = 1;

char* as_pointer(CUdeviceptr address) { return reinterpret_cast<char*>(address); }

size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

template <class Map>
auto entry_around(Map& map, uintptr_t address) {
  auto next = map.upper_bound(address);
  return next == map.begin() ? map.end() : std::prev(next);
}

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
  const auto r = entry_around(reservations, address);
  if (r == reservations.end() || address - r->first >= r->second.bytes) return 0;
  size_t total = 0;
  auto m = entry_around(r->second.mappings, address);
  for (; m != r->second.mappings.end() && m->second.accessible; ++m) {
    if (address + total < m->first || address + total >= m->first + m->second.bytes) break;
    total = m->first + m->second.bytes - address;
  }
  return total;
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

void destroy(Physical* physical) {
  close(physical->file);
  bytes_used -= physical->bytes;
  gone("physical memory");
  delete physical;
}

void unmap(uintptr_t address, const Mapping& mapping) {
  mmap(reinterpret_cast<void*>(address), mapping.bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  if (--mapping.physical->mappings == 0 && mapping.physical->released) destroy(mapping.physical);
}

Reservation& require_reservation(CUdeviceptr address, size_t bytes) {
  const auto r = entry_around(reservations, address);
  SIMCUDA_REQUIRE(r != reservations.end() && address - r->first + bytes <= r->second.bytes, CUDA_ERROR_INVALID_VALUE,
                  "[%llx, +%zu) is not inside a reserved range", address, bytes);
  return r->second;
}

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

std::shared_ptr<Pinned> pinned_around(const void* address, size_t bytes) {
  const auto p = entry_around(pinned, reinterpret_cast<uintptr_t>(address));
  if (p == pinned.end()) return nullptr;
  const size_t offset = static_cast<size_t>(static_cast<const char*>(address) - p->second->start);
  if (offset >= p->second->bytes) return nullptr;
  SIMCUDA_REQUIRE(offset + bytes <= p->second->bytes, CUDA_ERROR_INVALID_VALUE, "%zu bytes at offset %zu of a pinned buffer of %zu bytes", bytes, offset,
                  p->second->bytes);
  return p->second;
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
  for (auto p = pinned.begin(); p != pinned.end();) {
    const auto next = std::next(p);
    if (p->second->context == &context) forget(p);
    p = next;
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
  const auto r = entry_around(reservations, at);
  if (r != reservations.end() && at - r->first < r->second.bytes) {
    snprintf(text, length, "address %p is at offset %zu of a reserved range of %zu bytes, where nothing accessible is mapped", address,
             static_cast<size_t>(at - r->first), r->second.bytes);
    return;
  }
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

// Pinned host memory

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

// Virtual memory: reserved addresses and memory mapped into them

/** Throws unless this describes plain pinned memory of a device that exists. */
static void require_device_memory(const CUmemAllocationProp& p) {
  SIMCUDA_REQUIRE(p.type == 1 && p.location.type == 1, CUDA_ERROR_INVALID_VALUE, "type=%d location=%d, expected pinned memory on a device", p.type, p.location.type);
  SIMCUDA_REQUIRE(p.location.id >= 0 && p.location.id < device_count(), CUDA_ERROR_INVALID_DEVICE, "device=%d but there are %d", p.location.id, device_count());
  SIMCUDA_REQUIRE(p.requestedHandleTypes == 0 && p.win32HandleMetaData == nullptr, CUDA_ERROR_NOT_SUPPORTED, "memory to be exported, handle types %d", p.requestedHandleTypes);
  for (unsigned char flag : p.flags) SIMCUDA_REQUIRE(flag == 0, CUDA_ERROR_INVALID_VALUE, "allocation flag %d", flag);
}

SIMCUDA_CALL(cuMemGetAllocationGranularity, DRIVER, (size_t * granularity, const CUmemAllocationProp* property, int option), (granularity, property, option)) {
  SIMCUDA_REQUIRE(option == 0 || option == 1, CUDA_ERROR_INVALID_VALUE, "option=%d", option);
  require_device_memory(*property);
  *granularity = MAPPING_GRANULARITY;
}

SIMCUDA_CALL(cuMemAddressReserve, DRIVER, (CUdeviceptr * address, size_t bytes, size_t alignment, CUdeviceptr wanted, unsigned long long flags),
             (address, bytes, alignment, wanted, flags)) {
  SIMCUDA_REQUIRE(wanted == 0, CUDA_ERROR_NOT_SUPPORTED, "a wish for the address %llx", wanted);
  SIMCUDA_REQUIRE(bytes > 0 && bytes % MAPPING_GRANULARITY == 0, CUDA_ERROR_INVALID_VALUE, "bytes=%zu, expected a multiple of %zu", bytes, MAPPING_GRANULARITY);
  SIMCUDA_REQUIRE((alignment & (alignment - 1)) == 0 && flags == 0, CUDA_ERROR_INVALID_VALUE, "alignment=%zu flags=%llu", alignment, flags);
  const size_t unit = alignment > MAPPING_GRANULARITY ? alignment : MAPPING_GRANULARITY;
  void* p = mmap(nullptr, bytes + unit, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  SIMCUDA_REQUIRE(p != MAP_FAILED, CUDA_ERROR_OUT_OF_MEMORY, "no %zu bytes of addresses", bytes);
  // The ends that alignment cuts off, at least one page behind the range, stay untouchable for good.
  const uintptr_t start = round_up(reinterpret_cast<uintptr_t>(p), unit);
  reservations[start].bytes = bytes;
  *address = start;
  born("reservation");
}

SIMCUDA_CALL(cuMemAddressFree, DRIVER, (CUdeviceptr address, size_t bytes), (address, bytes)) {
  const auto r = reservations.find(address);
  SIMCUDA_REQUIRE(r != reservations.end() && r->second.bytes == bytes, CUDA_ERROR_INVALID_VALUE, "[%llx, +%zu) is not a reserved range", address, bytes);
  SIMCUDA_REQUIRE(r->second.mappings.empty(), CUDA_ERROR_INVALID_VALUE, "%zu mappings are left", r->second.mappings.size());
  munmap(as_pointer(address), bytes);
  reservations.erase(r);
  gone("reservation");
}

SIMCUDA_CALL(cuMemCreate, CONTEXT_NO_CAPTURE, (Physical * *handle, size_t bytes, const CUmemAllocationProp* property, unsigned long long flags),
             (handle, bytes, property, flags)) {
  require_device_memory(*property);
  SIMCUDA_REQUIRE(property->location.id == current_context().device && flags == 0, CUDA_ERROR_INVALID_VALUE, "expected memory on the device of the current context");
  SIMCUDA_REQUIRE(bytes > 0 && bytes % MAPPING_GRANULARITY == 0, CUDA_ERROR_INVALID_VALUE, "bytes=%zu, expected a multiple of %zu", bytes, MAPPING_GRANULARITY);
  charge(bytes);
  const int file = memfd_create("simcuda", MFD_CLOEXEC);
  void* view = file < 0 || ftruncate(file, static_cast<off_t>(bytes)) != 0 ? MAP_FAILED : mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (view == MAP_FAILED) {
    if (file >= 0) close(file);
    bytes_used -= bytes;
    fail(CUDA_ERROR_OUT_OF_MEMORY, "the host has no %zu bytes", bytes);
  }
  fill_poison(view, bytes);
  munmap(view, bytes);
  *handle = new Physical{property->location.id, file, bytes, 0, false};
  born("physical memory");
}

SIMCUDA_CALL(cuMemRelease, DRIVER, (Physical * handle), (handle)) {
  SIMCUDA_REQUIRE(handle != nullptr && !handle->released, CUDA_ERROR_INVALID_VALUE, "released before");
  handle->released = true;
  if (handle->mappings == 0) destroy(handle);
}

SIMCUDA_CALL(cuMemMap, DRIVER, (CUdeviceptr address, size_t bytes, size_t offset, Physical* handle, unsigned long long flags),
             (address, bytes, offset, handle, flags)) {
  Reservation& r = require_reservation(address, bytes);
  SIMCUDA_REQUIRE(offset == 0 && flags == 0 && bytes == handle->bytes, CUDA_ERROR_INVALID_VALUE, "offset=%zu flags=%llu bytes=%zu, but the memory has %zu bytes",
                  offset, flags, bytes, handle->bytes);
  SIMCUDA_REQUIRE(address % MAPPING_GRANULARITY == 0, CUDA_ERROR_INVALID_VALUE, "address=%llx is not aligned", address);
  for (const auto& [start, m] : r.mappings) {
    SIMCUDA_REQUIRE(address + bytes <= start || start + m.bytes <= address, CUDA_ERROR_INVALID_VALUE, "something is mapped there already");
  }
  void* p = mmap(as_pointer(address), bytes, PROT_NONE, MAP_SHARED | MAP_FIXED, handle->file, 0);
  SIMCUDA_REQUIRE(p != MAP_FAILED, CUDA_ERROR_OUT_OF_MEMORY, "the host cannot map %zu bytes", bytes);
  handle->mappings++;
  r.mappings[address] = {bytes, handle, false};
  born("mapping");
}

SIMCUDA_CALL(cuMemSetAccess, DRIVER, (CUdeviceptr address, size_t bytes, const CUmemAccessDesc* access, size_t count), (address, bytes, access, count)) {
  Reservation& r = require_reservation(address, bytes);
  SIMCUDA_REQUIRE(count == 1 && access->location.type == 1 && access->flags == 3, CUDA_ERROR_INVALID_VALUE,
                  "expected read and write access for one device");
  size_t covered = 0;
  for (auto& [start, m] : r.mappings) {
    if (start < address || start + m.bytes > address + bytes) continue;
    SIMCUDA_REQUIRE(access->location.id == m.physical->device, CUDA_ERROR_INVALID_VALUE, "device=%d, but the memory is of device %d", access->location.id,
                    m.physical->device);
    mprotect(reinterpret_cast<void*>(start), m.bytes, PROT_READ | PROT_WRITE);
    m.accessible = true;
    covered += m.bytes;
  }
  SIMCUDA_REQUIRE(covered == bytes, CUDA_ERROR_INVALID_VALUE, "%zu of %zu bytes are mapped", covered, bytes);
}

SIMCUDA_CALL(cuMemUnmap, DRIVER, (CUdeviceptr address, size_t bytes), (address, bytes)) {
  Reservation& r = require_reservation(address, bytes);
  size_t covered = 0;
  for (const auto& [start, m] : r.mappings) covered += start >= address && start + m.bytes <= address + bytes ? m.bytes : 0;
  SIMCUDA_REQUIRE(covered == bytes, CUDA_ERROR_INVALID_VALUE, "[%llx, +%zu) is not a row of whole mappings", address, bytes);
  for (auto m = r.mappings.lower_bound(address); m != r.mappings.end() && m->first < address + bytes;) {
    unmap(m->first, m->second);
    m = r.mappings.erase(m);
    gone("mapping");
  }
}
