// Cepstral mean normalisation: what the kernels that sum over a clip's frames and that subtract the mean share.
//
// Sums are in fixed point, 2^-32 apart: exact whatever their order, so that frames may be added as they come. Log energies are
// below 2^7 in magnitude, so 2^24 frames fit.
#pragma once

using FixedSum = unsigned long long;  // two's complement

__device__ __forceinline__ FixedSum toFixed(float x) { return static_cast<FixedSum>(llrintf(x * 4294967296.0f)); }

// x less the mean over `frames` values of sum `sum`; NaN if x is not finite, as its fixed point is not.
__device__ __forceinline__ float centred(float x, FixedSum sum, int frames) {
  const double mean = static_cast<double>(static_cast<long long>(sum)) / 4294967296.0 / frames;
  return static_cast<float>(x - mean) + (x - x);
}
