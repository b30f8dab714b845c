// A warp's matrix product whose left factor lies in shared memory, one row a pixel, and whose right factor is read from
// global memory in the order in which fragments want it.
//
//   sum[i][j] += rows (16 MI, K) * weights (K, 16 NI)
//
// Letters: MI groups of 16 rows, NI groups of 16 columns, K inner extent; T __half or float (rounded to TF32).
// Weights in fragment order: (K / DEPTH, N / 16, 32 lanes, 16 bytes); a lane's 16 bytes are b[0], b[1] of the first and of
//   the second 8 columns of tensor_core.cuh's layout. K is a multiple of DEPTH (16 halves, 8 floats), N of 16.
// All blocks of a card read the same few KiB of weights, so they stay in its first-level caches, and a warp needs no barrier
//   to get them. Sums run over K in order: as in conv_mma, to the bit.
#pragma once

template <typename T>
struct Fragments;

template <>
struct Fragments<__half> {
  static constexpr int DEPTH = 16;

  // Two neighbouring 8-column fragments.
  static __device__ __forceinline__ void loadB(unsigned (&b)[2][2], const __half* tile, int row, int lane) {
    unsigned words[4];
    loadMatricesTransposed(words, tile + lane % 16 * row + lane / 16 * 8);
    b[0][0] = words[0], b[0][1] = words[1], b[1][0] = words[2], b[1][1] = words[3];
  }
  static __device__ __forceinline__ void round(unsigned (&)[4]) {}
  static __device__ __forceinline__ void multiply(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    mmaHalf(c, a, b);
  }
};

template <>
struct Fragments<float> {
  static constexpr int DEPTH = 8;

  static __device__ __forceinline__ void loadB(unsigned (&b)[2][2], const float* tile, int row, int lane) {
#pragma unroll
    for (int n = 0; n < 2; n++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        b[n][half] = roundToTf32(__float_as_uint(tile[(lane % 4 + 4 * half) * row + lane / 4 + 8 * n]));
      }
    }
  }
  static __device__ __forceinline__ void round(unsigned (&a)[4]) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      a[i] = roundToTf32(a[i]);
    }
  }
  static __device__ __forceinline__ void multiply(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    mmaTf32(c, a, b);
  }
};

// Where a tap's weights begin, in fragments of 16 bytes per lane, and how many groups of 16 columns there are.
struct FragmentWeights {
  const uint4* first;
  int groups;
};

__device__ __forceinline__ FragmentWeights fragments(const void* weights, int N) {
  return {static_cast<const uint4*>(weights), N / 16};
}

// Adds the products of one step for group `j` of 16 columns, whose weights are `raw`.
template <typename T, int MI, int NI>
__device__ __forceinline__ void addGroup(float (&sum)[MI][2 * NI][4], const unsigned (&a)[MI][4], uint4 raw, int j) {
  unsigned words[4] = {raw.x, raw.y, raw.z, raw.w};
  Fragments<T>::round(words);
  const unsigned left[2] = {words[0], words[1]};
  const unsigned right[2] = {words[2], words[3]};
#pragma unroll
  for (int i = 0; i < MI; i++) {
    Fragments<T>::multiply(sum[i][2 * j], a[i], left);
    Fragments<T>::multiply(sum[i][2 * j + 1], a[i], right);
  }
}

// Adds the products of K inner values. Lane l brings the address of row l % 16 of each group of rows, 16-byte aligned; rows
// lie so that 8 of them, 16 bytes of each, fall in different banks. The whole warp must call it.
template <typename T, int MI, int NI>
__device__ __forceinline__ void addProducts(float (&sum)[MI][2 * NI][4], const T* const (&rows)[MI], int K,
                                            const FragmentWeights& weights, int firstGroup, int lane) {
  constexpr int DEPTH = Fragments<T>::DEPTH;
  const uint4* w = weights.first + static_cast<long long>(firstGroup) * WARP + lane;
#pragma unroll 2
  for (int k = 0; k < K; k += DEPTH) {
    unsigned a[MI][4];
#pragma unroll
    for (int i = 0; i < MI; i++) {
      loadMatrices(a[i], reinterpret_cast<const unsigned char*>(rows[i] + k) + lane / 16 * 16);
      Fragments<T>::round(a[i]);
    }
#pragma unroll
    for (int j = 0; j < NI; j++) {
      addGroup<T, MI, NI>(sum, a, w[j * WARP], j);
    }
    w += static_cast<long long>(weights.groups) * WARP;
  }
}

// Calls done(row, column, pair) for each pair of neighbouring sums that the lane holds.
template <int MI, int NI, class Done>
__device__ __forceinline__ void forEachPair(const float (&sum)[MI][2 * NI][4], int lane, Done done) {
#pragma unroll
  for (int i = 0; i < MI; i++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
#pragma unroll
      for (int j = 0; j < 2 * NI; j++) {
        float pair[2] = {sum[i][j][2 * half], sum[i][j][2 * half + 1]};
        done(i, half, j, 16 * i + 8 * half + lane / 4, 8 * j + 2 * (lane % 4), pair);
      }
    }
  }
}
