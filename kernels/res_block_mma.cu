// A residual block in one kernel, on tensor cores. Formula, letters, layout and launch: res_block.cuh.
// Every warp takes 32 pixels and 32 or 16 channels at a time; weights are in the fragment order of mma_rows.cuh.
// Preconditions: I, P, R and O are multiples of 16; tf32 needs compute capability 8.0; y overlaps nothing.
#include "common.cuh"
#include "aff.cuh"
#include "mma_rows.cuh"
#include "res_block.cuh"

constexpr int ROWS = 32;  // pixels of a warp at a time

// Calls item(first pixel, first group of 16 channels) for this warp's share of a product.
template <int NI, class Item>
__device__ __forceinline__ void forEachItem(int pixels, int channels, Item item) {
  const int columns = channels / (16 * NI);
  const int items = (pixels + ROWS - 1) / ROWS * columns;
  for (int i = threadIdx.x / WARP; i < items; i += RES_BLOCK_THREADS / WARP) {
    item(i / columns * ROWS, i % columns * NI);
  }
}

template <typename T, int NI>
__device__ __forceinline__ void reduce(const ResBlock<T>& b) {
  const int lane = threadIdx.x % WARP;
  const int pixels = b.haloF * b.haloT;
  forEachItem<NI>(pixels, b.hidden, [&](int first, int group) {
    float sum[2][2 * NI][4] = {};
    const T* rows[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      rows[i] = b.xs + min(first + 16 * i + lane % 16, pixels - 1) * b.rowX;
    }
    addProducts<T, 2, NI>(sum, rows, b.p.I, fragments(b.p.reduce, b.hidden), group, lane);
    forEachPair<2, NI>(sum, lane, [&](int, int, int, int row, int column, float (&pair)[2]) {
      if (first + row < pixels) {
        b.reduced(first + row, group * 16 + column, pair);
      }
    });
  });
}

template <typename T, int NI>
__device__ __forceinline__ void convolve(const ResBlock<T>& b, int part) {
  const int lane = threadIdx.x % WARP;
  // Of the halo, the positions that the convolutions behind this one still reach.
  const int edge = part + 1;
  const int width = b.haloT - 2 * edge;
  const int pixels = (b.haloF - 2 * edge) * width;
  const int tapWeights = b.p.P * b.p.P / (16 / static_cast<int>(sizeof(T)));  // of 16 bytes
  const FragmentWeights weights = fragments(b.p.chain, b.p.P);
  forEachItem<NI>(pixels, b.p.P, [&](int first, int group) {
    float sum[2][2 * NI][4] = {};
    const T* windows[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const int pixel = min(first + 16 * i + lane % 16, pixels - 1);
      const int f = pixel / width + edge - 1;
      const int t = pixel % width + edge - 1;
      windows[i] = b.h + (f * b.haloT + t) * b.rowH + part * b.p.P;
    }
    for (int tap = 0; tap < 9; tap++) {
      const int step = (tap / 3 * b.haloT + tap % 3) * b.rowH;
      const T* const rows[2] = {windows[0] + step, windows[1] + step};
      addProducts<T, 2, NI>(sum, rows, b.p.P, {weights.first + (part * 9 + tap) * tapWeights, weights.groups}, group,
                            lane);
    }
    forEachPair<2, NI>(sum, lane, [&](int, int, int, int row, int column, float (&pair)[2]) {
      const int pixel = first + row;
      if (pixel < pixels) {
        b.convolved(part, pixel / width + edge, pixel % width + edge, group * 16 + column, pair);
      }
    });
  });
}

// Forms what enters the convolution of a part from the part before and its own share of h.
template <typename T, int NI>
__device__ __forceinline__ void gate(const ResBlock<T>& b, int part) {
  const int lane = threadIdx.x % WARP;
  const int width = b.haloT - 2 * part;
  const int pixels = (b.haloF - 2 * part) * width;
  const int pieces = b.p.P * b.p.R / (16 / static_cast<int>(sizeof(T)));  // of 16 bytes, of a matrix P by R
  const auto inHalo = [&](int pixel) {
    const int f = min(pixel, pixels - 1) / width + part;
    return f * b.haloT + min(pixel, pixels - 1) % width + part;
  };
  forEachItem<1>(pixels, b.p.R, [&](int first, int group) {
    float sum[2][2][4] = {};
    const T* before[2];
    const T* own[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const int at = inHalo(first + 16 * i + lane % 16);
      before[i] = b.g + at * b.rowG;
      own[i] = b.h + at * b.rowH + part * b.p.P;
    }
    const FragmentWeights weights = fragments(b.p.squeeze, b.p.R);
    const uint4* matrix = weights.first + (part - 1) * 2 * pieces;
    addProducts<T, 2, 1>(sum, before, b.p.P, {matrix, weights.groups}, group, lane);
    addProducts<T, 2, 1>(sum, own, b.p.P, {matrix + pieces, weights.groups}, group, lane);
    forEachPair<2, 1>(sum, lane, [&](int, int, int, int row, int column, float (&pair)[2]) {
      const int r = group * 16 + column;
      if (first + row < pixels) {
#pragma unroll
        for (int j = 0; j < 2; j++) {
          store(b.s + (first + row) * b.rowS + r + j, silu(pair[j] + b.p.squeezeBias[(part - 1) * b.p.R + r + j]));
        }
      }
    });
  });
  __syncthreads();
  forEachItem<NI>(pixels, b.p.P, [&](int first, int group) {
    float sum[2][2 * NI][4] = {};
    const T* rows[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      rows[i] = b.s + min(first + 16 * i + lane % 16, pixels - 1) * b.rowS;
    }
    const FragmentWeights weights = fragments(b.p.widen, b.p.P);
    addProducts<T, 2, NI>(sum, rows, b.p.R, {weights.first + (part - 1) * pieces, weights.groups}, group, lane);
    forEachPair<2, NI>(sum, lane, [&](int, int, int, int row, int column, float (&pair)[2]) {
      if (first + row < pixels) {
        const int at = inHalo(first + row);
        const int c = group * 16 + column;
        const T* before = b.g + at * b.rowG + c;
        T* own = b.h + at * b.rowH + part * b.p.P + c;
#pragma unroll
        for (int j = 0; j < 2; j++) {
          store(own + j, blended(toFloat(before[j]), toFloat(own[j]), pair[j] + b.p.widenBias[(part - 1) * b.p.P + c + j]));
        }
      }
    });
  });
  __syncthreads();
}

template <typename T, int NI>
__device__ __forceinline__ void expand(const ResBlock<T>& b) {
  const int lane = threadIdx.x % WARP;
  const int pixels = b.p.tileF * b.p.tileT;
  forEachItem<NI>(pixels, b.p.O, [&](int first, int group) {
    float sum[2][2 * NI][4] = {};
    float projected[2][2 * NI][4] = {};
    const T* rows[2];
    const T* inputs[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const int pixel = min(first + 16 * i + lane % 16, pixels - 1);
      rows[i] = b.ys + pixel * b.rowH;
      inputs[i] = b.xs + ((pixel / b.p.tileT + b.p.n) * b.haloT + pixel % b.p.tileT + b.p.n) * b.rowX;
    }
    if (b.p.project != nullptr) {
      addProducts<T, 2, NI>(projected, inputs, b.p.I, fragments(b.p.project, b.p.O), group, lane);
    }
    addProducts<T, 2, NI>(sum, rows, b.hidden, fragments(b.p.expand, b.p.O), group, lane);
    forEachPair<2, NI>(sum, lane, [&](int i, int half, int j, int row, int column, float (&pair)[2]) {
      if (first + row < pixels) {
        const float shortcut[2] = {projected[i][j][2 * half], projected[i][j][2 * half + 1]};
        b.expanded(first + row, group * 16 + column, pair, shortcut);
      }
    });
  });
}

template <typename T>
__device__ __forceinline__ void resBlock(const ResBlockParams& p) {
  DYNAMIC_SHARED(unsigned char, shared);
  const ResBlock<T> b(p, reinterpret_cast<T*>(shared));
  b.fetch();
  commitCopies();
  waitCopies<0>();
  __syncthreads();
  b.hidden % 32 == 0 ? reduce<T, 2>(b) : reduce<T, 1>(b);
  __syncthreads();
  for (int part = 0; part < p.n; part++) {
    if (part > 0 && p.R > 0) {
      p.P % 32 == 0 ? gate<T, 2>(b, part) : gate<T, 1>(b, part);
    }
    p.P % 32 == 0 ? convolve<T, 2>(b, part) : convolve<T, 1>(b, part);
    __syncthreads();
  }
  p.O % 32 == 0 ? expand<T, 2>(b) : expand<T, 1>(b);
}

extern "C" __global__ void __launch_bounds__(256) res_block_mma_f16(ResBlockParams params) {
  resBlock<__half>(params);
}
extern "C" __global__ void __launch_bounds__(256) res_block_mma_tf32(ResBlockParams params) {
  resBlock<float>(params);
}
