// CUDA's words that are macros here. Included last: some of them are attributes that the standard library writes too.
#pragma once
#include "thread.h"

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

#define threadIdx (static_cast<const uint3&>(::simcuda::running.thread_idx))
#define blockIdx (static_cast<const uint3&>(::simcuda::running.block_idx))
#define blockDim (static_cast<const dim3&>(::simcuda::running.block_dim))
#define gridDim (static_cast<const dim3&>(::simcuda::running.grid_dim))

#undef assert
#define assert(condition) ((condition) ? void(0) : ::simcuda::trap("assertion failed: " #condition))
