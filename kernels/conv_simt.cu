// Convolution by one multiply-add at a time. Formula, letters, layout and preconditions: conv.cuh.
// Tiles of 64 output pixels by BN output channels, the inner extent in steps of 16 through double-buffered shared memory,
//   4 pixels x 8 channels per thread.
// Launch: block (2 * BN), grid (ceil(FO * WO / 64), ceil(O / BN)), shared 2 * 16 * (68 + BN) floats; BN = 64 or 32.
#include "common.cuh"
#include "conv.cuh"

constexpr int BM = 64;         // output pixels per block
constexpr int BK = 16;         // inner extent per step
constexpr int TM = 4;          // output pixels per thread
constexpr int A_ROW = BM + 4;  // floats; the pad spreads the transposed stores over the banks

template <typename T, int BN>
__device__ __forceinline__ void convSimt(const ConvParams& p) {
  constexpr int THREADS = BM / TM * (BN / 8);
  constexpr int A_OCTETS = BM * (BK / 8) / THREADS;  // per thread and step
  constexpr int STAGE = BK * (A_ROW + BN);           // floats
  static_assert(BM / TM == BK, "each thread loads one octet of weights per step");
  DYNAMIC_SHARED(float, shared);                     // 2 stages of A (BK, A_ROW) and B (BK, BN)
  const int thread = threadIdx.x;
  const int firstPixel = blockIdx.x * BM;
  const int firstChannel = blockIdx.y * BN;
  const int octets = p.I / 8;
  const int K = p.kernelF * p.kernelT * p.I;
  const int steps = (K + BK - 1) / BK;

  Window windows[A_OCTETS];
  InnerCursor cursors[A_OCTETS];
#pragma unroll
  for (int i = 0; i < A_OCTETS; i++) {
    const int item = thread + i * THREADS;
    windows[i] = windowOf(p, firstPixel + item % BM);
    cursors[i] = {0, 0, 0};
    cursors[i].advance(octets, item / BM, p.kernelT);
  }
  const int bRow = thread / (BN / 8);
  const int bChannel = thread % (BN / 8) * 8;

  float a[A_OCTETS][8];
  float b[8];
  const auto fetch = [&](int step) {
#pragma unroll
    for (int i = 0; i < A_OCTETS; i++) {
      load8OrZero(inputAt<T, 8>(p, windows[i], cursors[i]), a[i]);
      cursors[i].advance(octets, BK / 8, p.kernelT);
    }
    const int k = step * BK + bRow;
    const bool inside = k < K && firstChannel + bChannel < p.O;
    load8OrZero(inside ? static_cast<const T*>(p.weights) + static_cast<long long>(k) * p.O + firstChannel + bChannel
                       : nullptr,
                b);
  };
  const auto deposit = [&](float* stage) {
#pragma unroll
    for (int i = 0; i < A_OCTETS; i++) {
      const int item = thread + i * THREADS;
#pragma unroll
      for (int j = 0; j < 8; j++) {
        stage[(item / BM * 8 + j) * A_ROW + item % BM] = a[i][j];
      }
    }
    store8(stage + BK * A_ROW + bRow * BN + bChannel, b);
  };

  float sum[TM][8] = {};
  const int m = thread / (BN / 8) * TM;
  const int n = thread % (BN / 8) * 8;
  fetch(0);
  deposit(shared);
  __syncthreads();
  for (int step = 0; step < steps; step++) {
    const float* stage = shared + step % 2 * STAGE;
    const bool more = step + 1 < steps;
    if (more) {
      fetch(step + 1);
    }
#pragma unroll
    for (int k = 0; k < BK; k++) {
      const float4 pixels = *reinterpret_cast<const float4*>(stage + k * A_ROW + m);
      const float x[TM] = {pixels.x, pixels.y, pixels.z, pixels.w};
      float w[8];
      load8(stage + BK * A_ROW + k * BN + n, w);
#pragma unroll
      for (int i = 0; i < TM; i++) {
#pragma unroll
        for (int j = 0; j < 8; j++) {
          sum[i][j] = fmaf(x[i], w[j], sum[i][j]);
        }
      }
    }
    if (more) {
      // The other stage was last read before the previous barrier.
      deposit(shared + (step + 1) % 2 * STAGE);
    }
    __syncthreads();
  }

#pragma unroll
  for (int i = 0; i < TM; i++) {
    const int pixel = firstPixel + m + i;
    if (pixel < p.FO * p.WO && firstChannel + n < p.O) {
      finishOctet<T>(p, pixel, firstChannel + n, sum[i]);
    }
  }
}

extern "C" __global__ void __launch_bounds__(128) conv_simt_64x64_f32(ConvParams params) {
  convSimt<float, 64>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_simt_64x64_f16(ConvParams params) {
  convSimt<__half, 64>(params);
}
extern "C" __global__ void __launch_bounds__(64) conv_simt_64x32_f32(ConvParams params) {
  convSimt<float, 32>(params);
}
extern "C" __global__ void __launch_bounds__(64) conv_simt_64x32_f16(ConvParams params) {
  convSimt<__half, 32>(params);
}
