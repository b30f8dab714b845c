// A step of the global fusion in one kernel, one float32 multiply-add at a time. Formula, letters, layout and launch:
// downsample_aff.cuh. Weights are row-major; the first product of the gate is summed by quarters, as aff_f32 does.
// Preconditions: I, C and R are multiples of 8; out overlaps nothing.
#include "common.cuh"
#include "aff.cuh"
#include "downsample_aff.cuh"
#include "simt_rows.cuh"

__device__ __forceinline__ void downsample(const DownsampleAff<float>& b) {
  const int I = b.p.I;
  const int C = b.p.C;
  forEachItem<DOWNSAMPLE_THREADS>(b.pixels, C, [&](int first, int c) {
    float sum[THREAD_PIXELS][8] = {};
    for (int tap = 0; tap < 9; tap++) {
      const float* rows[THREAD_PIXELS];
#pragma unroll
      for (int i = 0; i < THREAD_PIXELS; i++) {
        rows[i] = b.window(first + i) + b.tapOffset(tap);
      }
      addProducts(sum, rows, I, static_cast<const float*>(b.p.weights) + static_cast<long long>(tap) * I * C + c, C);
    }
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      b.downsampled(first + i, c, sum[i]);
    }
  });
}

extern "C" __global__ void __launch_bounds__(256) downsample_aff_simt_f32(DownsampleAffParams params) {
  DYNAMIC_SHARED(float, shared);
  const DownsampleAff<float> b(params, shared);
  const int C = params.C;
  const int R = params.R;
  b.fetch();
  waitCopies<1>();
  __syncthreads();
  downsample(b);
  waitCopies<0>();
  __syncthreads();
  float* inner = b.halo;
  const int innerRow = R + b.PAD;
  forEachItem<DOWNSAMPLE_THREADS>(b.pixels, R, [&](int first, int r) {
    float total[THREAD_PIXELS][8];
    const auto rowOf = [&](int i, int quarter) { return b.rows + (first + i) * b.rowLength + quarter * (C / 2); };
    sumQuarters(total, rowOf, C / 2, static_cast<const float*>(params.squeeze) + r, R);
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
#pragma unroll
      for (int j = 0; j < 8; j++) {
        inner[(first + i) * innerRow + r + j] = silu(total[i][j] + params.squeezeBias[r + j]);
      }
    }
  });
  __syncthreads();
  forEachItem<DOWNSAMPLE_THREADS>(b.pixels, C, [&](int first, int c) {
    float sum[THREAD_PIXELS][8] = {};
    const float* rows[THREAD_PIXELS];
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      rows[i] = inner + (first + i) * innerRow;
    }
    addProducts(sum, rows, R, static_cast<const float*>(params.expand) + c, C);
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      const float* x = b.rows + (first + i) * b.rowLength + c;
      float fused[8];
#pragma unroll
      for (int j = 0; j < 8; j++) {
        fused[j] = blended(x[j], x[C + j], sum[i][j] + params.expandBias[c + j]);
      }
      float* to = b.target(first + i, c, fused);
      if (to != nullptr) {
        store8(to, fused);
      }
    }
  });
}
