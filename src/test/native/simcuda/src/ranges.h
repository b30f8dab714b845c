// Ranges of addresses, and ordered maps of them by their start.
#pragma once
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "api.h"

namespace simcuda {

constexpr size_t PAGE = 4096;

inline char* as_pointer(CUdeviceptr address) { return reinterpret_cast<char*>(address); }

inline size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

/** The last entry that starts at or before the address. */
template <class Map>
auto entry_around(Map& map, uintptr_t address) {
  auto next = map.upper_bound(address);
  return next == map.begin() ? map.end() : std::prev(next);
}

}  // namespace simcuda
