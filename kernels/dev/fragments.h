// The order in which mma_rows.cuh reads weights, and the rounding of its factors, for the checks.
#pragma once

#include "harness.h"

// (K, N) as (K / DEPTH, N / 16, lanes, values of 16 bytes).
template <int DEPTH>
std::vector<float> inFragments(const std::vector<float>& w, int K, int N) {
  std::vector<float> packed;
  for (int k = 0; k < K; k += DEPTH) {
    for (int n = 0; n < N; n += 16) {
      for (int lane = 0; lane < WARP; lane++) {
        for (int word = 0; word < 4; word++) {
          for (int j = 0; j < DEPTH / 8; j++) {
            const int row = k + (lane % 4 + 4 * (word % 2)) * (DEPTH / 8) + j;
            packed.push_back(w[row * N + n + 8 * (word / 2) + lane / 4]);
          }
        }
      }
    }
  }
  return packed;
}

inline float asTf32(float x) {
  unsigned bits;
  memcpy(&bits, &x, 4);
  bits = (bits + 0x1000u) & 0xffffe000u;
  memcpy(&x, &bits, 4);
  return x;
}

// A factor as the tensor cores take it: halves as they are, floats rounded to TF32.
template <typename T>
float factor(float x) {
  if constexpr (std::is_same_v<T, float>) {
    return asTf32(x);
  } else {
    return __half2float(__float2half_rn(x));
  }
}
