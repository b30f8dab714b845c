// What follows a library convolution, and plain traffic between views.
//
//   epilogue:   y = clamp(scale * x + bias + residual), zero in gap columns
//   add_views:  y = a + b
//   copy_view:  y = x
//
// Letters: F rows, W columns, C channels. Layout: NHWC views (F, W, C), see common.cuh.
// Launch: block (256), grid (ceil(W * C / 8 / 256), F). One thread per octet, 16-byte accesses.
// Preconditions: C is a multiple of 8. y may be x or the residual (each thread reads its octet before it writes it);
//   otherwise the views do not overlap.
#include "common.cuh"

struct EpilogueParams {
  const void* x;          // view (F, W, C)
  const void* residual;   // view (F, W, C) or null
  const float* scale;     // (C) or null for ones
  const float* bias;      // (C) or null
  const int* columnClip;  // (W)
  void* y;                // view (F, W, C)
  int xStride;
  int residualStride;
  int yStride;
  int W;
  int C;
  Clamp clamp;
};

struct Place {
  long long pixel;
  int column;
  int channel;
};

// The octet of this thread; false past the end of the row.
__device__ __forceinline__ bool placeOf(int W, int C, Place& place) {
  const int octets = C / 8;
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  place.column = i / octets;
  place.channel = (i - place.column * octets) * 8;
  place.pixel = static_cast<long long>(blockIdx.y) * W + place.column;
  return place.column < W;
}

template <typename T>
__device__ __forceinline__ void epilogue(const EpilogueParams& p) {
  Place place;
  if (!placeOf(p.W, p.C, place)) {
    return;
  }
  float v[8] = {};
  if (p.columnClip[place.column] != GAP) {
    load8(static_cast<const T*>(p.x) + place.pixel * p.xStride + place.channel, v);
    if (p.scale != nullptr) {
      float scale[8];
      load8(p.scale + place.channel, scale);
#pragma unroll
      for (int j = 0; j < 8; j++) {
        v[j] *= scale[j];
      }
    }
    if (p.bias != nullptr) {
      float b[8];
      load8(p.bias + place.channel, b);
#pragma unroll
      for (int j = 0; j < 8; j++) {
        v[j] += b[j];
      }
    }
    if (p.residual != nullptr) {
      float r[8];
      load8(static_cast<const T*>(p.residual) + place.pixel * p.residualStride + place.channel, r);
#pragma unroll
      for (int j = 0; j < 8; j++) {
        v[j] += r[j];
      }
    }
#pragma unroll
    for (int j = 0; j < 8; j++) {
      v[j] = clamped(v[j], p.clamp);
    }
  }
  store8(static_cast<T*>(p.y) + place.pixel * p.yStride + place.channel, v);
}

template <typename T>
__device__ __forceinline__ void addViews(const T* a, int aStride, const T* b, int bStride, T* y, int yStride, int W,
                                         int C) {
  Place place;
  if (!placeOf(W, C, place)) {
    return;
  }
  float u[8];
  float v[8];
  load8(a + place.pixel * aStride + place.channel, u);
  load8(b + place.pixel * bStride + place.channel, v);
#pragma unroll
  for (int j = 0; j < 8; j++) {
    u[j] += v[j];
  }
  store8(y + place.pixel * yStride + place.channel, u);
}

template <typename T>
__device__ __forceinline__ void copyView(const T* x, int xStride, T* y, int yStride, int W, int C) {
  Place place;
  if (!placeOf(W, C, place)) {
    return;
  }
  float v[8];
  load8(x + place.pixel * xStride + place.channel, v);
  store8(y + place.pixel * yStride + place.channel, v);
}

extern "C" __global__ void epilogue_f32(EpilogueParams params) { epilogue<float>(params); }
extern "C" __global__ void epilogue_f16(EpilogueParams params) { epilogue<__half>(params); }

extern "C" __global__ void add_views_f32(const float* a,  // view (F, W, C)
                                         int aStride,
                                         const float* b,  // view (F, W, C)
                                         int bStride,
                                         float* y,        // view (F, W, C)
                                         int yStride, int W, int C) {
  addViews(a, aStride, b, bStride, y, yStride, W, C);
}

extern "C" __global__ void add_views_f16(const __half* a,  // view (F, W, C)
                                         int aStride,
                                         const __half* b,  // view (F, W, C)
                                         int bStride,
                                         __half* y,        // view (F, W, C)
                                         int yStride, int W, int C) {
  addViews(a, aStride, b, bStride, y, yStride, W, C);
}

extern "C" __global__ void copy_view_f32(const float* x,  // view (F, W, C)
                                         int xStride,
                                         float* y,        // view (F, W, C)
                                         int yStride, int W, int C) {
  copyView(x, xStride, y, yStride, W, C);
}

extern "C" __global__ void copy_view_f16(const __half* x,  // view (F, W, C)
                                         int xStride,
                                         __half* y,        // view (F, W, C)
                                         int yStride, int W, int C) {
  copyView(x, xStride, y, yStride, W, C);
}
