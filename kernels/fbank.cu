// Log-mel filter bank energies as Kaldi computes them, from waveform to (W, B) in one kernel.
//
//   x = frame - mean(frame);  v[i] = (x[i] - 0.97 x[max(i - 1, 0)]) * window[i];  v zero-padded to 512
//   P[k] = |DFT512(v)[k]|^2;  y[b] = log(max(sum over k of mel[b][k] P[k], floor))
//
// The real transform of 512 is a complex one of 256, z[n] = v[2n] + i v[2n+1], taken apart afterwards. One warp owns one
// frame. 256 = 8 * 8 * 4: each lane keeps 8 points in registers for a radix-8 butterfly, exchanges through shared memory,
// again radix 8, exchange, and two radix-4 butterflies.
//
// Letters: W columns, B mel bins. Layout: output (W, B), time-major; gap columns are written as zero.
// Launch: fbank_f32: block (32, WARPS), grid (ceil(W / WARPS)), shared WARPS * 2 * FFT_ROW floats.
//   frame_window, power_mel_log: block (32, WARPS), grid (ceil(W / WARPS)); power_mel_log: shared WARPS * (nfft/2 + 1) floats.
// Preconditions: frames are snipped, i.e. clip.frames = 1 + (samples - frameLength) / frameShift. Every frame is computed
//   by one warp from its own samples, so its value depends on nothing else. Sums of 16-bit samples are exact in fp32.
// Where a table is given, each frame is also added to the sums of its clip, which must be zero before: their order does not
//   matter (cmn.cuh).
#include "common.cuh"
#include "cmn.cuh"

constexpr int FRAME = 400;           // samples, 25 ms
constexpr int SHIFT = 160;           // samples, 10 ms
constexpr int FFT = 512;             // points of the real transform
constexpr int ROWS = 8;              // the 256 points lie in shared memory as 8 rows of 32,
constexpr int ROW = 36;              // 36 apart so that the strided reads hit different banks
constexpr int FFT_ROW = ROWS * ROW;  // floats per warp for the real and again for the imaginary parts
constexpr float PREEMPHASIS = 0.97f;

// One triangular filter: weights[first .. first + count) apply to power bins from..from + count.
struct MelFilter {
  int fromBin;
  int count;
  int firstWeight;
};

struct Complex {
  float re;
  float im;
};

__device__ __forceinline__ Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
__device__ __forceinline__ Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
__device__ __forceinline__ Complex operator*(Complex a, Complex b) {
  return {fmaf(a.re, b.re, -a.im * b.im), fmaf(a.re, b.im, a.im * b.re)};
}
__device__ __forceinline__ Complex minusI(Complex a) { return {a.im, -a.re}; }

__device__ __forceinline__ void dft4(Complex& a, Complex& b, Complex& c, Complex& d) {
  const Complex s0 = a + c, s1 = a - c, s2 = b + d, s3 = minusI(b - d);
  a = s0 + s2;
  b = s1 + s3;
  c = s0 - s2;
  d = s1 - s3;
}

// x[k] = sum over j of x[j] exp(-2 pi i j k / 8)
__device__ __forceinline__ void dft8(Complex (&x)[8]) {
  constexpr float h = 0.70710678118654752f;
  dft4(x[0], x[2], x[4], x[6]);
  dft4(x[1], x[3], x[5], x[7]);
  const Complex o0 = x[1];
  const Complex o1 = {h * (x[3].re + x[3].im), h * (x[3].im - x[3].re)};
  const Complex o2 = minusI(x[5]);
  const Complex o3 = {h * (x[7].im - x[7].re), -h * (x[7].re + x[7].im)};
  const Complex e0 = x[0], e1 = x[2], e2 = x[4], e3 = x[6];
  x[0] = e0 + o0, x[4] = e0 - o0;
  x[1] = e1 + o1, x[5] = e1 - o1;
  x[2] = e2 + o2, x[6] = e2 - o2;
  x[3] = e3 + o3, x[7] = e3 - o3;
}

__device__ __forceinline__ Complex twiddleAt(const float2* twiddles, int k) {
  const float2 w = twiddles[k];
  return {w.x, w.y};
}

// The 256-point transform of the warp's points; on entry lane l holds points l + 32 j in x[j], on return point k of the
// spectrum lies at re[k], im[k]. Barriers are warp-wide and the last one comes after the last write.
__device__ __forceinline__ void fft256(Complex (&x)[8], float* re, float* im, const float2* twiddles, int lane) {
  dft8(x);
#pragma unroll
  for (int k1 = 0; k1 < 8; k1++) {
    const Complex y = k1 == 0 ? x[0] : x[k1] * twiddleAt(twiddles, 2 * lane * k1);
    re[k1 * ROW + lane] = y.re;
    im[k1 * ROW + lane] = y.im;
  }
  __syncwarp();

  const int row = (lane / 4) * ROW;
  const int m = lane % 4;
#pragma unroll
  for (int j = 0; j < 8; j++) {
    x[j] = {re[row + m + 4 * j], im[row + m + 4 * j]};
  }
  dft8(x);
  __syncwarp();
#pragma unroll
  for (int q = 0; q < 8; q++) {
    const Complex y = q == 0 ? x[0] : x[q] * twiddleAt(twiddles, 16 * m * q);
    re[row + 4 * q + m] = y.re;
    im[row + 4 * q + m] = y.im;
  }
  __syncwarp();

#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int from = (lane % 8) * ROW + 4 * (lane / 8 + 4 * half);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      x[4 * half + i] = {re[from + i], im[from + i]};
    }
    dft4(x[4 * half], x[4 * half + 1], x[4 * half + 2], x[4 * half + 3]);
  }
  __syncwarp();
#pragma unroll
  for (int i = 0; i < 8; i++) {
    const int k = lane + 32 * (i / 4) + 64 * (i % 4);
    re[k] = x[i].re;
    im[k] = x[i].im;
  }
  __syncwarp();
}

// Power of bins k and 256 - k from the transform of the packed sequence, written over re[k] and re[256 - k]: each lane
// touches its own pairs only. Bin 256 (the Nyquist frequency) has no weight in any mel filter and is left out.
__device__ __forceinline__ void splitToPower(float* re, const float* im, const float2* twiddles, int lane) {
  for (int k = lane; k <= FFT / 4; k += WARP) {
    const int mirror = (FFT / 2 - k) % (FFT / 2);
    const Complex a = {re[k], im[k]};
    const Complex b = {re[mirror], -im[mirror]};
    const Complex even = {0.5f * (a.re + b.re), 0.5f * (a.im + b.im)};
    const Complex odd = minusI({0.5f * (a.re - b.re), 0.5f * (a.im - b.im)}) * twiddleAt(twiddles, k);
    const Complex low = even + odd;
    const Complex high = even - odd;
    re[k] = fmaf(low.re, low.re, low.im * low.im);
    if (mirror > k) {
      re[mirror] = fmaf(high.re, high.re, high.im * high.im);
    }
  }
}

__device__ __forceinline__ void writeLogMel(const float* power, const MelFilter* filters, const float* weights,
                                            float floorEnergy, int bins, float* out, FixedSum* sums, int lane) {
  for (int b = lane; b < bins; b += WARP) {
    const MelFilter filter = filters[b];
    float energy = 0.0f;
    for (int i = 0; i < filter.count; i++) {
      energy = fmaf(weights[filter.firstWeight + i], power[filter.fromBin + i], energy);
    }
    // max that keeps NaN
    const float logEnergy = logf(energy < floorEnergy ? floorEnergy : energy);
    out[b] = logEnergy;
    if (sums != nullptr) {
      atomicAdd(sums + b, toFixed(logEnergy));
    }
  }
}

__device__ __forceinline__ void writeZeros(float* out, int count, int lane) {
  for (int i = lane; i < count; i += WARP) {
    out[i] = 0.0f;
  }
}

extern "C" __global__ void fbank_f32(const Clip* __restrict__ clips,           // (clips)
                                     const int* __restrict__ columnClip,       // (W)
                                     const float* __restrict__ wave,           // samples in [-1, 1)
                                     const float* __restrict__ window,         // (400)
                                     const float2* __restrict__ twiddles,      // (512): exp(-2 pi i k / 512)
                                     const MelFilter* __restrict__ filters,    // (B)
                                     const float* __restrict__ weights,        // of all filters
                                     float floorEnergy, float* __restrict__ features,  // (W, B)
                                     FixedSum* __restrict__ sums,              // (clips, B), to be added to, or null
                                     int W, int B) {
  DYNAMIC_SHARED(float, shared);  // (WARPS, 2, FFT_ROW)
  const int lane = threadIdx.x;
  const int t = blockIdx.x * blockDim.y + threadIdx.y;
  if (t >= W) {
    return;
  }
  float* out = features + static_cast<long long>(t) * B;
  const int owner = columnClip[t];
  if (owner == GAP) {
    writeZeros(out, B, lane);
    return;
  }
  const Clip clip = clips[owner];
  const float* frame = wave + clip.firstSample + static_cast<long long>(t - clip.firstColumn) * SHIFT;
  float* re = shared + threadIdx.y * 2 * FFT_ROW;
  float* im = re + FFT_ROW;

  // Lane l takes samples 2 (l + 32 j) and the next, the pair that becomes complex point l + 32 j; the last of
  // the 200 pairs lies in j = 6.
  Complex x[8];
  float sum = 0.0f;
#pragma unroll
  for (int j = 0; j < 8; j++) {
    const int n = lane + WARP * j;
    const bool inside = n < FRAME / 2;
    x[j] = inside ? Complex{frame[2 * n], frame[2 * n + 1]} : Complex{0.0f, 0.0f};
    sum += x[j].re + x[j].im;
  }
  const float mean = warpSum(sum) / FRAME;

#pragma unroll
  for (int j = 0; j < 8; j++) {
    const int n = lane + WARP * j;
    if (n < FRAME / 2) {
      const float before = frame[n == 0 ? 0 : 2 * n - 1] - mean;
      const float even = x[j].re - mean;
      const float odd = x[j].im - mean;
      x[j].re = fmaf(-PREEMPHASIS, before, even) * window[2 * n];
      x[j].im = fmaf(-PREEMPHASIS, even, odd) * window[2 * n + 1];
    }
  }
  fft256(x, re, im, twiddles, lane);
  splitToPower(re, im, twiddles, lane);
  __syncwarp();
  writeLogMel(re, filters, weights, floorEnergy, B, out, sums == nullptr ? nullptr : sums + owner * B, lane);
}

// The same front end for any frame length, around a library transform: this kernel writes windowed frames, the library
// turns them into spectra, power_mel_log does the rest.
extern "C" __global__ void frame_window(const Clip* __restrict__ clips,      // (clips)
                                        const int* __restrict__ columnClip,  // (W)
                                        const float* __restrict__ wave,      // samples in [-1, 1)
                                        const float* __restrict__ window,    // (frameLength)
                                        int frameLength, int frameShift,
                                        float* __restrict__ frames,          // (W, nfft)
                                        int nfft, int W) {
  const int lane = threadIdx.x;
  const int t = blockIdx.x * blockDim.y + threadIdx.y;
  if (t >= W) {
    return;
  }
  float* out = frames + static_cast<long long>(t) * nfft;
  const int owner = columnClip[t];
  if (owner == GAP) {
    writeZeros(out, nfft, lane);
    return;
  }
  const Clip clip = clips[owner];
  const float* frame = wave + clip.firstSample + static_cast<long long>(t - clip.firstColumn) * frameShift;
  float sum = 0.0f;
  for (int i = lane; i < frameLength; i += WARP) {
    sum += frame[i];
  }
  const float mean = warpSum(sum) / static_cast<float>(frameLength);
  for (int i = lane; i < nfft; i += WARP) {
    const float x = i < frameLength ? frame[i] - mean : 0.0f;
    const float before = i < frameLength ? frame[i == 0 ? 0 : i - 1] - mean : 0.0f;
    out[i] = i < frameLength ? fmaf(-PREEMPHASIS, before, x) * window[i] : 0.0f;
  }
}

extern "C" __global__ void power_mel_log(const int* __restrict__ columnClip,     // (W)
                                         const float2* __restrict__ spectrum,    // (W, nfft / 2 + 1)
                                         int nfft,
                                         const MelFilter* __restrict__ filters,  // (B)
                                         const float* __restrict__ weights,      // of all filters
                                         float floorEnergy,
                                         float* __restrict__ features,           // (W, B)
                                         FixedSum* __restrict__ sums,            // (clips, B), to be added to, or null
                                         int W, int B) {
  DYNAMIC_SHARED(float, shared);  // (WARPS, nfft / 2 + 1)
  const int lane = threadIdx.x;
  const int t = blockIdx.x * blockDim.y + threadIdx.y;
  if (t >= W) {
    return;
  }
  float* out = features + static_cast<long long>(t) * B;
  const int owner = columnClip[t];
  if (owner == GAP) {
    writeZeros(out, B, lane);
    return;
  }
  const int half = nfft / 2 + 1;
  float* power = shared + threadIdx.y * half;
  const float2* row = spectrum + static_cast<long long>(t) * half;
  for (int k = lane; k < half; k += WARP) {
    power[k] = fmaf(row[k].x, row[k].x, row[k].y * row[k].y);
  }
  __syncwarp();
  writeLogMel(power, filters, weights, floorEnergy, B, out, sums == nullptr ? nullptr : sums + owner * B, lane);
}
