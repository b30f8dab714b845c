// Samples of packed clips at the network's rate, from samples at each clip's own rate: floats, or 16-bit integers (_s16),
// which are divided by 2^15. That is exact, so a wave has the same bits from either.
//
//   y[n] = sum over k < K of taps[phase][k] * x[base + k]   with x zero outside the clip,
//          base = floor(n * down / up) - left,  phase = (n * down) mod up
//
// A clip that keeps its rate has up = down = K = 1 and the tap 1, which copies it exactly.
//
// Layout: raw clips lie anywhere in one buffer, results in another one behind the other: clip i owns
//   wave[first .. first + count), and clips[i + 1].first = clips[i].first + clips[i].count. Taps of one rate are (up, K),
//   phase-major; those of several rates lie one behind the other in `taps`.
// Launch: resample_polyphase: block (32, WARPS), grid (ceil(samples of the longest wave / WARPS)); warps beyond the last clip
//   end at once. widen_s16: block (THREADS), grid (ceil(octets / THREADS)).
// Preconditions: up, down, K >= 1; at least one clip; both arrays of widen_s16 begin at a multiple of 16 bytes.
// One warp owns one sample and its lanes share the taps, so that both operands are read coalesced; partial sums are added in
// a fixed tree, so a sample depends on nothing but its clip.
#include "common.cuh"

struct RawClip {
  int firstRaw;      // in the raw buffer
  int samples;       // in the raw buffer
  int first;         // in the wave buffer
  int count;         // in the wave buffer
  int up;            // output rate / gcd
  int down;          // input rate / gcd
  int tapsPerPhase;  // K
  int firstTap;      // where this rate begins in `taps`
  int left;          // input samples before the current one
};

// The last clip that begins at or before sample n.
__device__ __forceinline__ int clipAt(const RawClip* clips, int clipCount, int n) {
  int low = 0, high = clipCount;
  while (low + 1 < high) {
    const int middle = (low + high) / 2;
    if (clips[middle].first <= n) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

// A sample as the network sees it.
__device__ __forceinline__ float amplitude(float sample) { return sample; }
__device__ __forceinline__ float amplitude(short sample) { return static_cast<float>(sample) * (1.0f / 32768.0f); }

template <typename Sample>
__device__ __forceinline__ void resampleOne(const RawClip* clips, int clipCount, const Sample* raw, const float* taps,
                                            float* wave) {
  const int lane = threadIdx.x;
  const int at = blockIdx.x * blockDim.y + threadIdx.y;
  const RawClip clip = clips[clipAt(clips, clipCount, at)];
  const int n = at - clip.first;
  if (n >= clip.count) {
    return;
  }
  const long long position = static_cast<long long>(n) * clip.down;
  const int base = static_cast<int>(position / clip.up) - clip.left;
  const float* phase = taps + clip.firstTap + static_cast<int>(position % clip.up) * clip.tapsPerPhase;
  const Sample* x = raw + clip.firstRaw;
  float sum = 0.0f;
  for (int k = lane; k < clip.tapsPerPhase; k += WARP) {
    const int i = base + k;
    if (i >= 0 && i < clip.samples) {
      sum = fmaf(phase[k], amplitude(x[i]), sum);
    }
  }
  sum = warpSum(sum);
  if (lane == 0) {
    wave[at] = sum;
  }
}

extern "C" __global__ void resample_polyphase(const RawClip* __restrict__ clips,  // (clipCount)
                                              int clipCount,
                                              const float* __restrict__ raw,      // samples of all clips
                                              const float* __restrict__ taps,     // (up, K) per rate
                                              float* __restrict__ wave            // samples
) {
  resampleOne(clips, clipCount, raw, taps, wave);
}

extern "C" __global__ void resample_polyphase_s16(const RawClip* __restrict__ clips,  // (clipCount)
                                                  int clipCount,
                                                  const short* __restrict__ raw,      // samples of all clips
                                                  const float* __restrict__ taps,     // (up, K) per rate
                                                  float* __restrict__ wave            // samples
) {
  resampleOne(clips, clipCount, raw, taps, wave);
}

// A row whose clips all keep their rate: one thread per octet.
extern "C" __global__ void widen_s16(const short* __restrict__ raw,  // (octets, 8)
                                     float* __restrict__ wave,       // (octets, 8)
                                     int octets) {
  const int octet = blockIdx.x * blockDim.x + threadIdx.x;
  if (octet >= octets) {
    return;
  }
  const uint4 packed = reinterpret_cast<const uint4*>(raw)[octet];
  const unsigned words[4] = {packed.x, packed.y, packed.z, packed.w};
  float v[8];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    v[2 * i] = amplitude(static_cast<short>(words[i] & 0xffffu));
    v[2 * i + 1] = amplitude(static_cast<short>(words[i] >> 16));
  }
  store8(wave + 8 * octet, v);
}
