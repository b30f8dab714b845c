// Attentional feature fusion of rows that lie in shared memory, on tensor cores. Formula and letters: aff.cu.
//
// Layout: in (pixels, inRow) holds x's channels, then y's; inner (pixels, innerRow) takes s, rounded to T. Rows are PAD = 16
//   bytes longer than what they hold, so that those of a matrix load fall in different banks. squeeze and expand are in the
//   fragment order of mma_rows.cuh.
// Preconditions: pixels, C and R are multiples of 16.
#pragma once

constexpr int AFF_ROWS = 16;  // pixels of a warp at a time

template <typename T>
struct AffRows {
  const T* in;
  int inRow;
  T* inner;
  int innerRow;
  int pixels;
};

// Calls done(pixel, column, pair) with the products of all rows of `left` and 16 columns at a time.
template <typename T, int THREADS, class Done>
__device__ __forceinline__ void multiplyRows(const T* left, int row, int pixels, int K, const void* weights, int N,
                                             Done done) {
  const int lane = threadIdx.x % WARP;
  const int groups = N / 16;
  for (int item = threadIdx.x / WARP; item < pixels / AFF_ROWS * groups; item += THREADS / WARP) {
    const int first = item / groups * AFF_ROWS;
    const int group = item % groups;
    const T* const rows[1] = {left + (first + lane % 16) * row};
    float sum[1][2][4] = {};
    addProducts<T, 1, 1>(sum, rows, K, fragments(weights, N), group, lane);
    forEachPair<1, 1>(sum, lane, [&](int, int, int, int m, int n, float (&pair)[2]) {
      done(first + m, group * 16 + n, pair);
    });
  }
}

// Calls done(pixel, channel, pair) with each two neighbouring channels of the fusion of every row. `P` has the weights, C and
// R. All threads must call it after a barrier behind the last write to `in`; inner must not be in use.
template <typename T, int THREADS, class P, class Done>
__device__ __forceinline__ void fuseRows(const AffRows<T>& rows, const P& p, Done done) {
  multiplyRows<T, THREADS>(rows.in, rows.inRow, rows.pixels, 2 * p.C, p.squeeze, p.R,
                           [&](int pixel, int r, float (&pair)[2]) {
    storePair(rows.inner + pixel * rows.innerRow + r, silu(pair[0] + p.squeezeBias[r]),
              silu(pair[1] + p.squeezeBias[r + 1]));
  });
  __syncthreads();
  multiplyRows<T, THREADS>(rows.inner, rows.innerRow, rows.pixels, p.R, p.expand, p.C,
                           [&](int pixel, int c, float (&pair)[2]) {
    const T* x = rows.in + pixel * rows.inRow + c;
    float blend[2];
#pragma unroll
    for (int j = 0; j < 2; j++) {
      blend[j] = blended(toFloat(x[j]), toFloat(x[p.C + j]), pair[j] + p.expandBias[c + j]);
    }
    done(pixel, c, blend);
  });
}
