// Device primitives, each written once. Kernels include this file and nothing else; it must compile with nvcc, with
// NVRTC (so no host headers) and with a host compiler through the software device's dialect (VOICEPRINT_SIM).
//
// Words used by every family:
//   pixel   p = f * W + t, one (frequency, time) position of a packed row with F rows and W columns
//   view    a channel range of an NHWC image: element (p, c) = base[p * stride + c]. The channel offset is already in
//           `base`; the stride counts elements from pixel to pixel. Base and stride are multiples of 8 elements.
//   octet   8 neighbouring channels of a pixel, the unit of every vector access
//   gap     a column that belongs to no clip: columnClip[t] == GAP. Its values are zero in every activation.
#pragma once

#include <cuda_fp16.h>

// All shared memory is dynamic and comes from here. The software device defines its own version.
#ifndef DYNAMIC_SHARED
extern __shared__ __align__(16) unsigned char dynamicShared[];
#define DYNAMIC_SHARED(type, name) type* name = reinterpret_cast<type*>(dynamicShared)
#endif

constexpr int GAP = -1;
constexpr int WARP = 32;
constexpr unsigned FULL_WARP = 0xffffffffu;

// Where a clip lies in the packed sample buffer and in the packed row at the finest level (one column per frame).
struct Clip {
  int firstSample;
  int samples;
  int firstColumn;  // a multiple of the network's total time stride
  int frames;
};

// A clip's columns at a level whose time stride is `timeStride`.
struct Columns {
  int first;
  int count;
};

__device__ __forceinline__ Columns columnsAt(const Clip& clip, int timeStride) {
  return {clip.firstColumn / timeStride, (clip.frames + timeStride - 1) / timeStride};
}

// ---- octets: 16 bytes of halves or 2 x 16 bytes of floats, as floats

__device__ __forceinline__ void load8(const float* p, float (&v)[8]) {
  const float4 a = reinterpret_cast<const float4*>(p)[0];
  const float4 b = reinterpret_cast<const float4*>(p)[1];
  v[0] = a.x, v[1] = a.y, v[2] = a.z, v[3] = a.w;
  v[4] = b.x, v[5] = b.y, v[6] = b.z, v[7] = b.w;
}

__device__ __forceinline__ void store8(float* p, const float (&v)[8]) {
  reinterpret_cast<float4*>(p)[0] = make_float4(v[0], v[1], v[2], v[3]);
  reinterpret_cast<float4*>(p)[1] = make_float4(v[4], v[5], v[6], v[7]);
}

__device__ __forceinline__ float2 unpackHalves(unsigned bits) {
  __half2_raw raw;
  raw.x = static_cast<unsigned short>(bits & 0xffffu);
  raw.y = static_cast<unsigned short>(bits >> 16);
  return __half22float2(__half2(raw));
}

__device__ __forceinline__ unsigned packHalves(float low, float high) {
  const __half2_raw raw = __floats2half2_rn(low, high);
  return static_cast<unsigned>(raw.x) | (static_cast<unsigned>(raw.y) << 16);
}

__device__ __forceinline__ void load8(const __half* p, float (&v)[8]) {
  const uint4 raw = *reinterpret_cast<const uint4*>(p);
  const unsigned words[4] = {raw.x, raw.y, raw.z, raw.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    const float2 pair = unpackHalves(words[i]);
    v[2 * i] = pair.x;
    v[2 * i + 1] = pair.y;
  }
}

__device__ __forceinline__ void store8(__half* p, const float (&v)[8]) {
  *reinterpret_cast<uint4*>(p) = make_uint4(packHalves(v[0], v[1]), packHalves(v[2], v[3]), packHalves(v[4], v[5]),
                                            packHalves(v[6], v[7]));
}

__device__ __forceinline__ float toFloat(float x) { return x; }
__device__ __forceinline__ float toFloat(__half x) { return __half2float(x); }
__device__ __forceinline__ void store(float* p, float x) { *p = x; }
__device__ __forceinline__ void store(__half* p, float x) { *p = __float2half_rn(x); }

// ---- activation

// The interval an activation clips to: none is (-inf, inf), ReLU (0, inf), the clip of the residual blocks (0, 20).
struct Clamp {
  float lowest;
  float highest;
};

// Unlike fminf(fmaxf(x)), this keeps NaN, so that a poisoned input shows in the output.
__device__ __forceinline__ float clamped(float x, Clamp to) {
  return x < to.lowest ? to.lowest : (x > to.highest ? to.highest : x);
}

__device__ __forceinline__ float relu(float x) { return x < 0.0f ? 0.0f : x; }
__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }
__device__ __forceinline__ float silu(float x) { return x * sigmoid(x); }

// ---- reductions; the order of additions is a fixed tree, the same for any grid

// Sum over the warp, known to every lane. All 32 lanes must call it.
template <typename V>
__device__ __forceinline__ V warpSum(V x) {
#pragma unroll
  for (int offset = WARP / 2; offset > 0; offset /= 2) {
    x += __shfl_xor_sync(FULL_WARP, x, offset);
  }
  return x;
}

// Sum over a block of whole warps, known to every thread. All threads must call it; `scratch` holds one value per warp
// and may be used again at once (it ends with a barrier).
template <typename V>
__device__ __forceinline__ V blockSum(V x, V* scratch, int thread, int threads) {
  x = warpSum(x);
  if (thread % WARP == 0) {
    scratch[thread / WARP] = x;
  }
  __syncthreads();
  V total = scratch[0];
  for (int warp = 1; warp < threads / WARP; warp++) {
    total += scratch[warp];
  }
  __syncthreads();
  return total;
}

#include "tensor_core.cuh"
