// The first layer: a 3 x 3 convolution from one channel, from the features straight to NHWC.
//
//   y[f][t][c] = clamp(bias[c] + sum over kf, kt of weight[kf][kt][c] * x[t + kt - 1][f + kf - 1]),  x zero outside
//   x = features, or, where their sums are given, features less their mean over the clip's frames, as cmn.cu gives them
//
// Letters: F mel bins, W columns, C channels. Layout: features (W, F), time-major; output an NHWC view (F, W, C).
// Launch: block (256), grid (ceil(W / 16), ceil(F / 16)), shared 18 * 18 + 10 * C floats.
// Preconditions: C is a multiple of 8; gap columns of x are zero. One thread sums all nine terms of an output in
//   the order kf, kt, so a value depends on its neighbourhood alone.
#include "common.cuh"
#include "cmn.cuh"

constexpr int TILE = 16;           // pixels along each axis
constexpr int HALO = TILE + 2;

struct StemParams {
  const float* features;  // (W, F)
  const Clip* clips;      // (N)
  const FixedSum* sums;   // (N, F), of each clip's features, or null
  const float* weights;   // (3, 3, C): kf, kt, c
  const float* bias;      // (C)
  const int* columnClip;  // (W)
  void* y;                // view (F, W, C)
  int yStride;
  int F;
  int W;
  int C;
  Clamp clamp;
};

template <typename T>
__device__ __forceinline__ void stemConv(const StemParams& p) {
  DYNAMIC_SHARED(float, shared);
  float* weights = shared;               // (9, C), then bias (C)
  float* tile = shared + 10 * p.C;       // (HALO along t, HALO along f)
  const int firstT = blockIdx.x * TILE;
  const int firstF = blockIdx.y * TILE;
  for (int i = threadIdx.x; i < 10 * p.C; i += blockDim.x) {
    weights[i] = i < 9 * p.C ? p.weights[i] : p.bias[i - 9 * p.C];
  }
  for (int i = threadIdx.x; i < HALO * HALO; i += blockDim.x) {
    const int t = firstT - 1 + i / HALO;
    const int f = firstF - 1 + i % HALO;
    const bool inside = t >= 0 && t < p.W && f >= 0 && f < p.F;
    float x = inside ? p.features[static_cast<long long>(t) * p.F + f] : 0.0f;
    if (p.sums != nullptr && inside && p.columnClip[t] != GAP) {
      const int clip = p.columnClip[t];
      x = centred(x, p.sums[clip * p.F + f], p.clips[clip].frames);
    }
    tile[i] = x;
  }
  __syncthreads();

  const int octets = p.C / 8;
  for (int i = threadIdx.x; i < TILE * TILE * octets; i += blockDim.x) {
    const int c = i % octets * 8;
    const int localT = i / octets % TILE;
    const int localF = i / octets / TILE;
    const int t = firstT + localT;
    const int f = firstF + localF;
    if (t >= p.W || f >= p.F) {
      continue;
    }
    float sum[8] = {};
    if (p.columnClip[t] != GAP) {
      load8(weights + 9 * p.C + c, sum);
#pragma unroll
      for (int kf = 0; kf < 3; kf++) {
#pragma unroll
        for (int kt = 0; kt < 3; kt++) {
          const float x = tile[(localT + kt) * HALO + localF + kf];
          float w[8];
          load8(weights + (3 * kf + kt) * p.C + c, w);
#pragma unroll
          for (int j = 0; j < 8; j++) {
            sum[j] = fmaf(w[j], x, sum[j]);
          }
        }
      }
#pragma unroll
      for (int j = 0; j < 8; j++) {
        sum[j] = clamped(sum[j], p.clamp);
      }
    }
    T* y = static_cast<T*>(p.y) + (static_cast<long long>(f) * p.W + t) * p.yStride + c;
    store8(y, sum);
  }
}

extern "C" __global__ void __launch_bounds__(256) stem_conv_f32(StemParams params) { stemConv<float>(params); }
extern "C" __global__ void __launch_bounds__(256) stem_conv_f16(StemParams params) { stemConv<__half>(params); }
