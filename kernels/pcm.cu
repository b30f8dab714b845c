// Samples of packed clips as floats in [-1, 1) at the network's rate.
//
//   convert:   y[n] = x[n] / 32768 (16-bit) or x[n] (float)
//   resample:  y[n] = sum over k < K of taps[phase][k] * x[base + k]   with x zero outside the clip,
//              base = floor(n * down / up) - left,  phase = (n * down) mod up
//
// Layout: raw clips lie anywhere in one byte buffer (each aligned to its sample size), results in one float buffer;
//   clip i owns wave[first .. first + count). taps of one rate pair are (up, K), phase-major; several pairs may lie one
//   behind the other in `taps`.
// Launch: block (256), grid (ceil(longest count / 256), clips).
// Preconditions: up, down >= 1; a clip's sum runs over k in order, so its values depend on nothing but the clip.
#include "common.cuh"

struct RawClip {
  long long byteOffset;  // of the first sample
  int samples;           // in the raw buffer
  int isFloat;           // 0: signed 16-bit little-endian, 1: 32-bit float
  int first;             // in the wave buffer
  int count;             // in the wave buffer
  int up;                // output rate / gcd
  int down;              // input rate / gcd
  int tapsPerPhase;      // K
  int firstTap;          // where this rate pair begins in `taps`
  int left;              // input samples before the current one
  int reserved;          // keeps the size a multiple of 8
};

__device__ __forceinline__ float sampleAt(const RawClip& clip, const unsigned char* raw, int n) {
  const unsigned char* base = raw + clip.byteOffset;
  return clip.isFloat ? reinterpret_cast<const float*>(base)[n]
                      : static_cast<float>(reinterpret_cast<const short*>(base)[n]) * (1.0f / 32768.0f);
}

extern "C" __global__ void pcm_to_float(const RawClip* __restrict__ clips,        // (clips)
                                        const unsigned char* __restrict__ raw,  // bytes
                                        float* __restrict__ wave                // samples
) {
  const RawClip clip = clips[blockIdx.y];
  const int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n < clip.count) {
    wave[clip.first + n] = sampleAt(clip, raw, n);
  }
}

extern "C" __global__ void resample_polyphase(const RawClip* __restrict__ clips,        // (clips)
                                              const unsigned char* __restrict__ raw,  // bytes
                                              const float* __restrict__ taps,         // (up, K) per rate pair
                                              float* __restrict__ wave                // samples
) {
  const RawClip clip = clips[blockIdx.y];
  const int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= clip.count) {
    return;
  }
  const long long position = static_cast<long long>(n) * clip.down;
  const int base = static_cast<int>(position / clip.up) - clip.left;
  const float* phase = taps + clip.firstTap + static_cast<int>(position % clip.up) * clip.tapsPerPhase;
  float sum = 0.0f;
  for (int k = 0; k < clip.tapsPerPhase; k++) {
    const int i = base + k;
    if (i >= 0 && i < clip.samples) {
      sum = fmaf(phase[k], sampleAt(clip, raw, i), sum);
    }
  }
  wave[clip.first + n] = sum;
}
