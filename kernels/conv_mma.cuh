// How operands of the convolutions on tensor cores lie in shared memory, and a warp's product of them.
//   pixels (rows of STEP_BYTES of the inner extent each, and a pad), weights (inner extent, TILE_N channels and a pad).
// The pads keep what a warp reads at once in different banks.
#pragma once

constexpr int PIECE_BYTES = 16;           // of an asynchronous copy
constexpr int SLICE_BYTES = 32;           // of a pixel in one tensor-core product: Fragments<T>::DEPTH values
constexpr int PIXEL_PAD = PIECE_BYTES;    // bytes
constexpr int CHANNEL_PAD = 8;            // elements

// Adds the products of one slice: 16 MI pixels, the first at `pixels`, by 8 NJ channels, the first at `weights`.
// The whole warp must call it.
template <typename T, int MI, int NJ>
__device__ __forceinline__ void multiplySlice(float (&sum)[MI][NJ][4], const unsigned char* pixels, int pixelBytes,
                                              const T* weights, int weightRow, int lane) {
  unsigned a[MI][4];
#pragma unroll
  for (int i = 0; i < MI; i++) {
    loadMatrices(a[i], pixels + (16 * i + lane % 16) * pixelBytes + lane / 16 * PIECE_BYTES);
    Fragments<T>::round(a[i]);
  }
#pragma unroll
  for (int j = 0; j < NJ; j += 2) {
    unsigned b[2][2];
    Fragments<T>::loadB(b, weights + 8 * j, weightRow, lane);
#pragma unroll
    for (int i = 0; i < MI; i++) {
      Fragments<T>::multiply(sum[i][j], a[i], b[0]);
      Fragments<T>::multiply(sum[i][j + 1], a[i], b[1]);
    }
  }
}

// Starts copying piece `item` of a step's weights: inner values from `firstInner` on, TILE_N channels of each; zeros where
// there are none.
template <typename T, int TILE_N>
__device__ __forceinline__ void copyWeights(const ConvParams& p, T* to, int firstInner, int firstChannel, int item) {
  constexpr int PIECE = PIECE_BYTES / static_cast<int>(sizeof(T));
  const int row = item / (TILE_N / PIECE);
  const int column = item % (TILE_N / PIECE) * PIECE;
  const int k = firstInner + row;
  const bool inside = k < p.kernelF * p.kernelT * p.I && firstChannel + column < p.O;
  const T* from =
      static_cast<const T*>(p.weights) + (inside ? static_cast<long long>(k) * p.O + firstChannel + column : 0);
  copyAsync16(to + row * (TILE_N + CHANNEL_PAD) + column, from, inside);
}
