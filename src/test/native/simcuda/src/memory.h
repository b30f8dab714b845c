// Device memory. A device address is a host address; what lies around an allocation is either a
// red zone or a page that cannot be touched, and what was freed stays untouchable for a while.
#pragma once
#include <cstddef>

#include "api.h"

namespace simcuda __attribute__((visibility("default"))) {  // the libraries on top of libcuda use this

size_t device_bytes_used();
size_t device_bytes_total();

/** Takes device memory without an address, which a driver keeps for itself; throws if there is no room. */
void take_device_bytes(size_t bytes);
void give_back_device_bytes(size_t bytes);

/** Throws unless [address, address + bytes) lies in one live device allocation; `what` begins the message. */
void require_device_range(CUdeviceptr address, size_t bytes, const char* what);
/** The same, or in pinned host memory, which kernels can reach too. */
void require_reachable(const void* address, size_t bytes, const char* what);
bool reachable(const void* address);

/** Throws if a red zone was written to; `after` names who ran last. */
void check_red_zones(const char* after);

void release_memory_of(Context& context);

/** Says what an address belongs to, for a fault of a kernel. Safe in a signal handler of the thread that holds the device. */
void describe_address(const void* address, char* text, size_t length);

}  // namespace simcuda
