// Where a thread is, and how the threads of a block meet. The scheduler behind it is src/fiber.cpp.
#pragma once
#include "vector_types.h"

#define __global__ __attribute__((noinline, simcuda_global))
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __inline__ inline
#define __align__(n) alignas(n)
#define __launch_bounds__(threads, ...) __attribute__((simcuda_launch_bounds(threads)))

/** Declares `type* name` over the dynamic shared memory of the launch, aligned to 16 bytes. */
#define DYNAMIC_SHARED(type, name) type* name = static_cast<type*>(simcuda::dynamic_shared_memory())

namespace simcuda {

/** The running thread; the scheduler rewrites it at each switch, so nothing may be kept across a call. */
struct ThreadState {
  uint3 thread_idx, block_idx;
  dim3 block_dim, grid_dim;
  unsigned lane;
};
extern ThreadState running;

void* dynamic_shared_memory();

/** Waits for all threads of the block and returns how many came with a true predicate. */
int block_barrier(bool predicate, const char* file, int line);

/** Ends the launch with an error; what a trap or a failed assertion does. */
[[noreturn]] void trap(const char* what);

}  // namespace simcuda

#define threadIdx (static_cast<const uint3&>(::simcuda::running.thread_idx))
#define blockIdx (static_cast<const uint3&>(::simcuda::running.block_idx))
#define blockDim (static_cast<const dim3&>(::simcuda::running.block_dim))
#define gridDim (static_cast<const dim3&>(::simcuda::running.grid_dim))
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
long long clock64();
inline clock_t clock() { return static_cast<clock_t>(clock64()); }

#undef assert
#define assert(condition) ((condition) ? void(0) : ::simcuda::trap("assertion failed: " #condition))
