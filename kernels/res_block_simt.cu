// A residual block in one kernel, one float32 multiply-add at a time. Formula, letters, layout and launch: res_block.cuh.
// Every thread takes 4 pixels and 8 channels at a time; weights are row-major, (K, channels). A gate sums as aff_f32 does.
// With a projection a thread holds 64 sums, so it takes 168 to 199 registers and a multiprocessor has one block: 8 warps of 32
//   independent products each. Held to the 128 registers of two blocks it spills (nvcc 13.0).
// Preconditions: I, P, R and O are multiples of 8; y overlaps nothing.
#include "common.cuh"
#include "aff.cuh"
#include "res_block.cuh"
#include "simt_rows.cuh"

__device__ __forceinline__ void reduce(const ResBlock<float>& b) {
  const int pixels = b.haloF * b.haloT;
  forEachItem<RES_BLOCK_THREADS>(pixels, b.hidden, [&](int first, int c) {
    float sum[THREAD_PIXELS][8] = {};
    const float* rows[THREAD_PIXELS];
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      rows[i] = b.xs + min(first + i, pixels - 1) * b.rowX;
    }
    addProducts(sum, rows, b.p.I, static_cast<const float*>(b.p.reduce) + c, b.hidden);
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      if (first + i < pixels) {
        b.reduced(first + i, c, sum[i]);
      }
    }
  });
}

__device__ __forceinline__ void convolve(const ResBlock<float>& b, int part) {
  // Of the halo, the positions that the convolutions behind this one still reach.
  const int edge = part + 1;
  const int width = b.haloT - 2 * edge;
  const int pixels = (b.haloF - 2 * edge) * width;
  forEachItem<RES_BLOCK_THREADS>(pixels, b.p.P, [&](int first, int c) {
    float sum[THREAD_PIXELS][8] = {};
    for (int tap = 0; tap < 9; tap++) {
      const float* rows[THREAD_PIXELS];
#pragma unroll
      for (int i = 0; i < THREAD_PIXELS; i++) {
        const int pixel = min(first + i, pixels - 1);
        const int f = pixel / width + edge - 1 + tap / 3;
        const int t = pixel % width + edge - 1 + tap % 3;
        rows[i] = b.h + (f * b.haloT + t) * b.rowH + part * b.p.P;
      }
      const float* weights = static_cast<const float*>(b.p.chain) + static_cast<long long>(part * 9 + tap) * b.p.P * b.p.P;
      addProducts(sum, rows, b.p.P, weights + c, b.p.P);
    }
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      const int pixel = first + i;
      if (pixel < pixels) {
        b.convolved(part, pixel / width + edge, pixel % width + edge, c, sum[i]);
      }
    }
  });
}

// Forms what enters the convolution of a part from the part before and its own share of h.
__device__ __forceinline__ void gate(const ResBlock<float>& b, int part) {
  const int width = b.haloT - 2 * part;
  const int pixels = (b.haloF - 2 * part) * width;
  const int P = b.p.P;
  const int R = b.p.R;
  const auto inHalo = [&](int pixel) {
    const int f = min(pixel, pixels - 1) / width + part;
    return f * b.haloT + min(pixel, pixels - 1) % width + part;
  };
  const float* squeeze = static_cast<const float*>(b.p.squeeze) + static_cast<long long>(part - 1) * 2 * P * R;
  forEachItem<RES_BLOCK_THREADS>(pixels, R, [&](int first, int r) {
    float total[THREAD_PIXELS][8];
    const auto rowOf = [&](int i, int quarter) {
      const int at = inHalo(first + i);
      const float* row = quarter < 2 ? b.g + at * b.rowG : b.h + at * b.rowH + part * P;
      return row + quarter % 2 * (P / 2);
    };
    sumQuarters(total, rowOf, P / 2, squeeze + r, R);
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      if (first + i < pixels) {
#pragma unroll
        for (int j = 0; j < 8; j++) {
          b.s[(first + i) * b.rowS + r + j] = silu(total[i][j] + b.p.squeezeBias[(part - 1) * R + r + j]);
        }
      }
    }
  });
  __syncthreads();
  const float* widen = static_cast<const float*>(b.p.widen) + static_cast<long long>(part - 1) * R * P;
  forEachItem<RES_BLOCK_THREADS>(pixels, P, [&](int first, int c) {
    float sum[THREAD_PIXELS][8] = {};
    const float* rows[THREAD_PIXELS];
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      rows[i] = b.s + min(first + i, pixels - 1) * b.rowS;
    }
    addProducts(sum, rows, R, widen + c, P);
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      if (first + i < pixels) {
        const int at = inHalo(first + i);
        const float* before = b.g + at * b.rowG + c;
        float* own = b.h + at * b.rowH + part * P + c;
#pragma unroll
        for (int j = 0; j < 8; j++) {
          own[j] = blended(before[j], own[j], sum[i][j] + b.p.widenBias[(part - 1) * P + c + j]);
        }
      }
    }
  });
  __syncthreads();
}

__device__ __forceinline__ void expand(const ResBlock<float>& b) {
  const int pixels = b.p.tileF * b.p.tileT;
  forEachItem<RES_BLOCK_THREADS>(pixels, b.p.O, [&](int first, int c) {
    float sum[THREAD_PIXELS][8] = {};
    float projected[THREAD_PIXELS][8] = {};
    const float* rows[THREAD_PIXELS];
    const float* inputs[THREAD_PIXELS];
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      const int pixel = min(first + i, pixels - 1);
      rows[i] = b.ys + pixel * b.rowH;
      inputs[i] = b.xs + ((pixel / b.p.tileT + b.p.n) * b.haloT + pixel % b.p.tileT + b.p.n) * b.rowX;
    }
    if (b.p.project != nullptr) {
      addProducts(projected, inputs, b.p.I, static_cast<const float*>(b.p.project) + c, b.p.O);
    }
    addProducts(sum, rows, b.hidden, static_cast<const float*>(b.p.expand) + c, b.p.O);
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      if (first + i < pixels) {
        b.expanded(first + i, c, sum[i], projected[i]);
      }
    }
  });
}

extern "C" __global__ void __launch_bounds__(256, 1) res_block_simt_f32(ResBlockParams params) {
  DYNAMIC_SHARED(float, shared);
  const ResBlock<float> b(params, shared);
  b.fetch();
  commitCopies();
  waitCopies<0>();
  __syncthreads();
  reduce(b);
  __syncthreads();
  for (int part = 0; part < params.n; part++) {
    if (part > 0 && params.R > 0) {
      gate(b, part);
    }
    convolve(b, part);
    __syncthreads();
  }
  expand(b);
}
