// A thread's matrix product whose left factor lies in shared memory, one row a pixel, one float32 multiply-add at a time.
//
//   sum[i][j] += rows (4, K) * weights (K, 8)
//
// Every thread takes 4 pixels and 8 channels at a time; weights are row-major, (K, N). Sums run over K in order: as in
// conv_simt, to the bit.
#pragma once

constexpr int THREAD_PIXELS = 4;  // of a thread at a time

// `weights` begins at the thread's first column. K is a multiple of 4; rows and columns begin at a multiple of 16 bytes.
__device__ __forceinline__ void addProducts(float (&sum)[THREAD_PIXELS][8], const float* const (&rows)[THREAD_PIXELS], int K,
                                            const float* weights, int N) {
  for (int k = 0; k < K; k += 4) {
    float x[THREAD_PIXELS][4];
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      const float4 v = *reinterpret_cast<const float4*>(rows[i] + k);
      x[i][0] = v.x, x[i][1] = v.y, x[i][2] = v.z, x[i][3] = v.w;
    }
#pragma unroll
    for (int s = 0; s < 4; s++) {
      float w[8];
      load8(weights + static_cast<long long>(k + s) * N, w);
#pragma unroll
      for (int i = 0; i < THREAD_PIXELS; i++) {
#pragma unroll
        for (int j = 0; j < 8; j++) {
          sum[i][j] = fmaf(x[i][s], w[j], sum[i][j]);
        }
      }
    }
  }
}

// The first product of an attentional fusion, summed as aff_f32 does: over each quarter of [x; y] alone, then over the quarters.
// rowOf(i, quarter) is where that quarter of pixel i begins, `depth` values long; `weights` has 4 * depth rows.
template <class RowOf>
__device__ __forceinline__ void sumQuarters(float (&total)[THREAD_PIXELS][8], RowOf rowOf, int depth, const float* weights,
                                            int N) {
#pragma unroll 1
  for (int quarter = 0; quarter < 4; quarter++) {
    float sum[THREAD_PIXELS][8] = {};
    const float* rows[THREAD_PIXELS];
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
      rows[i] = rowOf(i, quarter);
    }
    addProducts(sum, rows, depth, weights + quarter * depth * N, N);
#pragma unroll
    for (int i = 0; i < THREAD_PIXELS; i++) {
#pragma unroll
      for (int j = 0; j < 8; j++) {
        total[i][j] = quarter == 0 ? sum[i][j] : total[i][j] + sum[i][j];
      }
    }
  }
}

// Calls item(first pixel, first channel) for this thread's share of a product: neighbours share pixels, not weights.
template <int THREADS, class Item>
__device__ __forceinline__ void forEachItem(int pixels, int channels, Item item) {
  const int octets = channels / 8;
  const int items = (pixels + THREAD_PIXELS - 1) / THREAD_PIXELS * octets;
  for (int i = threadIdx.x; i < items; i += THREADS) {
    item(i / octets * THREAD_PIXELS, i % octets * 8);
  }
}
