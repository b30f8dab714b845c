// Kernels that the self-test of the software device runs: some right, some wrong in one way each.
#include <cuda_fp16.h>

extern "C" __global__ void scale(const float* x, float* y, float factor, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] * factor;
}

extern "C" __global__ void reverse_block(float* x, int with_barrier) {
  DYNAMIC_SHARED(float, shared);
  shared[threadIdx.x] = x[threadIdx.x];
  if (with_barrier) __syncthreads();
  x[threadIdx.x] = shared[blockDim.x - 1 - threadIdx.x];
}

// y = sum of x over the block, by shuffles and shared memory.
extern "C" __global__ void sum_block(const float* x, float* y) {
  DYNAMIC_SHARED(float, partial);
  float v = x[threadIdx.x];
  for (int offset = 16; offset > 0; offset /= 2) v += __shfl_xor_sync(0xffffffffu, v, offset);
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x == 0) {
    float total = 0;
    for (unsigned w = 0; w < blockDim.x / 32; w++) total += partial[w];
    *y = total;
  }
}

// out[kind * 32 + lane], one warp.
extern "C" __global__ void warp_operations(int* out) {
  const int lane = threadIdx.x;
  const unsigned all = 0xffffffffu;
  out[0 + lane] = __shfl_sync(all, lane, 5);
  out[32 + lane] = __shfl_sync(all, lane, 3, 8);
  out[64 + lane] = __shfl_up_sync(all, lane, 2, 16);
  out[96 + lane] = __shfl_down_sync(all, lane, 3, 16);
  out[128 + lane] = __shfl_xor_sync(all, lane, 9);
  out[160 + lane] = static_cast<int>(__ballot_sync(all, lane % 3 == 0));
  out[192 + lane] = __any_sync(all, lane == 7) * 2 + __all_sync(all, lane < 32);
  out[224 + lane] = static_cast<int>(__reduce_add_sync(all, static_cast<unsigned>(lane)));
  const unsigned mine = lane < 16 ? 0x0000ffffu : 0xffff0000u;
  out[256 + lane] = __shfl_xor_sync(mine, lane, 1);
  out[288 + lane] = __syncthreads_count(lane < 10);
}

extern "C" __global__ void half_lanes_leave(int* out) {
  if (threadIdx.x >= 16) return;
  out[threadIdx.x] = __shfl_sync(0xffffffffu, static_cast<int>(threadIdx.x), 20);  // from a lane that has left: undefined
}

extern "C" __global__ void divergent_barrier(int* out) {
  if (threadIdx.x < 7) __syncthreads();
  out[threadIdx.x] = 1;
}

extern "C" __global__ void two_barriers(int* out) {
  if (threadIdx.x % 2 == 0) {
    __syncthreads();
  } else {
    __syncthreads();
  }
  out[threadIdx.x] = 1;
}

extern "C" __global__ void mask_without_me(int* out) { out[threadIdx.x] = __shfl_sync(0x1u, 1, 0); }

extern "C" __global__ void store_at(float* x, long long index) { x[index] = 1; }
extern "C" __global__ void load_at(const float* x, float* y, long long index) { *y = x[index]; }
extern "C" __global__ void store_shared_at(float* y, int index) {
  DYNAMIC_SHARED(float, shared);
  shared[index] = 1;
  *y = shared[0];
}
extern "C" __global__ void load_vector_at(const float* x, float* y, int index) { *y = reinterpret_cast<const float4*>(x + index)->w; }
extern "C" __global__ void divide(int* x, int by) { *x = *x / by; }
extern "C" __global__ void fail_assertion(int* x) { assert(*x == 1); }

// Overflows the stack. Not a tail call, and the result depends on every level.
__device__ __noinline__ int descend(volatile int* x, int depth) {
  volatile int frame[64];
  frame[depth % 64] = depth;
  if (depth == 1 << 30) return 0;
  return descend(x, depth + 1) + frame[depth % 64] + *x;
}
extern "C" __global__ void overflow_stack(int* x) { *x = descend(x, 0); }

extern "C" __global__ void copy_asynchronously(const float* x, float* y, int wait) {
  DYNAMIC_SHARED(float, shared);
  simcuda::async_copy(shared + 4 * threadIdx.x, x + 4 * threadIdx.x, 16);
  simcuda::async_commit();
  if (wait) simcuda::async_wait(0);
  __syncthreads();
  for (int i = 0; i < 4; i++) y[4 * threadIdx.x + i] = shared[4 * (blockDim.x - 1 - threadIdx.x) + i];
}

struct Pair {
  float* to;
  int value;
};
extern "C" __global__ void __launch_bounds__(64) take_struct(char a, Pair p, short b) { *p.to = static_cast<float>(a + p.value + b); }

extern "C" __global__ void count_up(int* counter) { atomicAdd(counter, 1); }

extern "C" __global__ void halves(const __half* x, __half2* y) {
  const __half2 v = __halves2half2(x[0], x[1]);
  y[0] = __hfma2(v, v, __float2half2_rn(1.0f));
}

// A host twin of a warp-wide product: out = sum over lanes of in, given to all.
extern "C" __global__ void collective(float* x) {
  const float mine = x[threadIdx.x];
  x[threadIdx.x] = simcuda::warp_collective<float>(mine, [](auto& in, auto& out) {
    float sum = 0;
    for (int i = 0; i < 32; i++) sum += *in[i];
    for (int i = 0; i < 32; i++) *out[i] = sum + static_cast<float>(i);
  });
}
