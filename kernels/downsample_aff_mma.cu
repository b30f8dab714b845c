// A step of the global fusion in one kernel, on tensor cores. Formula, letters, layout and launch: downsample_aff.cuh.
// A warp convolves 32 pixels (16 in the smallest tile) by 32 channels over the whole inner extent. The pixels wait in shared
//   memory; a warp reads weights that no other warp of its block needs, so it takes them from the second-level cache straight
//   into registers, AHEAD steps before it multiplies, and the warps of a block need no barrier among themselves.
// Weights are in the fragment order of mma_rows.cuh.
// Preconditions: I and R are multiples of 16, C of 32; out overlaps nothing; tf32 needs compute capability 8.0.
#include "common.cuh"
#include "mma_rows.cuh"
#include "aff.cuh"
#include "aff_rows.cuh"
#include "downsample_aff.cuh"

constexpr int AHEAD = 3;   // steps; divides the 9 taps
constexpr int GROUPS = 2;  // of 16 channels, of a warp at a time

// Where a warp's pixels lie under the taps, DEPTH channels at a time.
template <typename T>
struct TapCursor {
  const DownsampleAff<T>& b;
  int tap = 0;
  int end = b.p.I;  // of the tap's channels, counted as offset is
  int offset = 0;

  __device__ __forceinline__ void advance() {
    offset += Fragments<T>::DEPTH;
    if (offset == end) {
      offset = b.tapOffset(++tap);
      end = offset + b.p.I;
    }
  }
};

template <typename T, int MI>
__device__ __forceinline__ void downsample(const DownsampleAff<T>& b) {
  const int lane = threadIdx.x % WARP;
  const int columns = b.p.C / (16 * GROUPS);
  const int steps = 9 * b.p.I / Fragments<T>::DEPTH;
  const FragmentWeights weights = fragments(b.p.weights, b.p.C);
  const int stepWeights = weights.groups * WARP;
  for (int item = threadIdx.x / WARP; item < b.pixels / (16 * MI) * columns; item += DOWNSAMPLE_THREADS / WARP) {
    const int first = item / columns * (16 * MI);
    const int group = item % columns * GROUPS;
    const uint4* next = weights.first + group * WARP + lane;
    uint4 ahead[AHEAD][GROUPS];
#pragma unroll
    for (int s = 0; s < AHEAD; s++) {
#pragma unroll
      for (int j = 0; j < GROUPS; j++) {
        ahead[s][j] = next[j * WARP];
      }
      next += stepWeights;
    }
    const T* windows[MI];
#pragma unroll
    for (int i = 0; i < MI; i++) {
      windows[i] = b.window(first + 16 * i + lane % 16) + lane / 16 * b.PAD;
    }
    TapCursor<T> cursor = {b};
    float sum[MI][2 * GROUPS][4] = {};
    for (int step = 0; step < steps; step += AHEAD) {
#pragma unroll
      for (int s = 0; s < AHEAD; s++) {
        unsigned a[MI][4];
#pragma unroll
        for (int i = 0; i < MI; i++) {
          loadMatrices(a[i], windows[i] + cursor.offset);
          Fragments<T>::round(a[i]);
        }
        cursor.advance();
#pragma unroll
        for (int j = 0; j < GROUPS; j++) {
          addGroup<T, MI, GROUPS>(sum, a, ahead[s][j], j);
        }
        if (step + s + AHEAD < steps) {
#pragma unroll
          for (int j = 0; j < GROUPS; j++) {
            ahead[s][j] = next[j * WARP];
          }
        }
        next += stepWeights;
      }
    }
    forEachPair<MI, GROUPS>(sum, lane, [&](int, int, int, int row, int column, float (&pair)[2]) {
      b.downsampled(first + row, group * 16 + column, pair);
    });
  }
}

template <typename T>
__device__ __forceinline__ void downsampleAff(const DownsampleAffParams& p) {
  DYNAMIC_SHARED(unsigned char, shared);
  const DownsampleAff<T> b(p, reinterpret_cast<T*>(shared));
  b.fetch();
  waitCopies<1>();
  __syncthreads();
  b.pixels % 32 == 0 ? downsample<T, 2>(b) : downsample<T, 1>(b);
  waitCopies<0>();
  __syncthreads();
  const AffRows<T> rows = {b.rows, b.rowLength, b.halo, p.R + b.PAD, b.pixels};
  fuseRows<T, DOWNSAMPLE_THREADS>(rows, p, [&](int pixel, int c, float (&fused)[2]) {
    T* to = b.target(pixel, c, fused);
    if (to != nullptr) {
      storePair(to, fused[0], fused[1]);
    }
  });
}

extern "C" __global__ void __launch_bounds__(256, 2) downsample_aff_mma_f16(DownsampleAffParams params) {
  downsampleAff<__half>(params);
}
extern "C" __global__ void __launch_bounds__(256, 2) downsample_aff_mma_tf32(DownsampleAffParams params) {
  downsampleAff<float>(params);
}
