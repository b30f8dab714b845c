// The dynamic shared memory of the block that runs, and asynchronous copies into it.
#pragma once
#include <cstddef>

namespace simcuda {

/**
 * Lies between red zones; behind it comes a page that cannot be touched. One launch at a time has one.
 */
class SharedMemory {
 public:
  explicit SharedMemory(size_t bytes);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;

  /** Fresh contents for the next block: NaN. */
  void poison();
  /** What was overwritten outside, or null. */
  const char* damage() const;

 private:
  unsigned char* start;
  size_t bytes;
};

struct AsyncCopy {
  void* destination;
  const void* source;
  size_t bytes, valid;
  bool committed_marker;  // ends a group
};

}  // namespace simcuda
