// Where a thread is, and how the threads of a block meet. The scheduler behind it is src/fiber.cpp.
#pragma once
#include "vector_types.h"

// What the device library gives to kernel libraries.
#define SIMCUDA_SHARED __attribute__((visibility("default")))

namespace simcuda {

/** The running thread; the scheduler rewrites it at each switch, so nothing may be kept across a call. */
struct ThreadState {
  uint3 thread_idx, block_idx;
  dim3 block_dim, grid_dim;
  unsigned lane;
};
SIMCUDA_SHARED extern ThreadState running;

SIMCUDA_SHARED void* dynamic_shared_memory();

/** Waits for all threads of the block and returns how many came with a true predicate. */
SIMCUDA_SHARED int block_barrier(bool predicate, const char* file, int line);

/** Ends the launch with an error; what a trap or a failed assertion does. */
[[noreturn]] SIMCUDA_SHARED void trap(const char* what);

}  // namespace simcuda

constexpr int warpSize = 32;

inline void __syncthreads(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  simcuda::block_barrier(false, file, line);
}
inline int __syncthreads_count(int p, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  return simcuda::block_barrier(p != 0, file, line);
}
inline int __syncthreads_or(int p, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  return simcuda::block_barrier(p != 0, file, line) != 0;
}
inline int __syncthreads_and(int p, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  return simcuda::block_barrier(p == 0, file, line) == 0;
}

// Threads of the device run one at a time, so fences have nothing to order.
inline void __threadfence_block() {}
inline void __threadfence() {}
inline void __threadfence_system() {}
inline void __nanosleep(unsigned) {}
[[noreturn]] inline void __trap() { simcuda::trap("__trap()"); }
SIMCUDA_SHARED long long clock64();
