#include "virtual_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <map>

#include "call.h"
#include "context.h"
#include "control.h"
#include "limits.h"
#include "memory.h"
#include "poison.h"
#include "ranges.h"

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

struct Mapping {
  size_t bytes;
  Physical* physical;
  bool accessible;
};

struct Reservation {
  size_t bytes;
  std::map<uintptr_t, Mapping> mappings;
};

std::map<uintptr_t, Reservation> reservations;

void destroy(Physical* physical) {
  close(physical->file);
  give_back_device_bytes(physical->bytes);
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

}  // namespace

size_t mapped_bytes_from(uintptr_t address) {
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

bool describe_reserved(const void* address, char* text, size_t length) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(address);
  const auto r = entry_around(reservations, at);
  if (r == reservations.end() || at - r->first >= r->second.bytes) return false;
  snprintf(text, length, "address %p is at offset %zu of a reserved range of %zu bytes, where nothing accessible is mapped", address,
           static_cast<size_t>(at - r->first), r->second.bytes);
  return true;
}

}  // namespace simcuda

using namespace simcuda;

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
  take_device_bytes(bytes);
  const int file = memfd_create("simcuda", MFD_CLOEXEC);
  void* view = file < 0 || ftruncate(file, static_cast<off_t>(bytes)) != 0 ? MAP_FAILED : mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (view == MAP_FAILED) {
    if (file >= 0) close(file);
    give_back_device_bytes(bytes);
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
