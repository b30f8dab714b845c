// Convolution on tensor cores. Formula, letters, layout and preconditions: conv.cuh.
// Tiles of BM output pixels by BN output channels, the inner extent in steps of 64 bytes per pixel through STAGES stages of
//   shared memory filled by asynchronous copies; MW x NW warps. tf32 rounds the factors to 10 mantissa bits.
// Launch: block (32 * MW * NW), grid (ceil(FO * WO / BM), ceil(O / BN)), shared STAGES * (BM * 80 + (BN + 8) * 64) bytes:
//     tile     warps  stages
//     128x128  4 x 2  4       many pixels and channels: each weight and each pixel is read half as often as by 128x64
//     128x64   4 x 1  3
//     128x32   4 x 1  3
//     64x64    2 x 2  3
//     64x32    2 x 2  3
//     32x64    2 x 2  5       short rows: many small blocks, and deep pipelines because few of them share a multiprocessor
//     32x32    2 x 2  5
// tf32 needs compute capability 8.0.
#include "common.cuh"
#include "conv.cuh"
#include "mma_rows.cuh"

constexpr int STEP_BYTES = 64;  // of each pixel's inner extent
constexpr int PIECE_BYTES = 16;
constexpr int A_ROW_BYTES = STEP_BYTES + PIECE_BYTES;  // the pad keeps the rows of a matrix load in different banks

template <typename T, int TILE_M, int TILE_N, int WARPS_M, int WARPS_N, int STAGES>
__device__ __forceinline__ void convMma(const ConvParams& p) {
  constexpr int PIECE = PIECE_BYTES / static_cast<int>(sizeof(T));  // channels
  constexpr int STEP = STEP_BYTES / static_cast<int>(sizeof(T));    // inner extent per step
  constexpr int STEP_PIECES = STEP_BYTES / PIECE_BYTES;
  constexpr int MMA_THREADS = WARP * WARPS_M * WARPS_N;
  constexpr int B_ROW = TILE_N + 8;  // elements
  constexpr int STAGE_BYTES = TILE_M * A_ROW_BYTES + STEP * B_ROW * static_cast<int>(sizeof(T));
  constexpr int A_COPIES = TILE_M * STEP_PIECES / MMA_THREADS;
  constexpr int B_COPIES = STEP * (TILE_N / PIECE) / MMA_THREADS;
  constexpr int WARP_M = TILE_M / WARPS_M;  // pixels per warp
  constexpr int WARP_N = TILE_N / WARPS_N;  // channels per warp
  constexpr int MI = WARP_M / 16;
  constexpr int OUT_ROW = TILE_N + 4;  // floats
  static_assert(TILE_M * STEP_PIECES % MMA_THREADS == 0 && STEP * (TILE_N / PIECE) % MMA_THREADS == 0,
                "all threads copy equally much");
  static_assert(TILE_M * OUT_ROW * 4 <= STAGES * STAGE_BYTES, "results are exchanged in the stages' memory");
  DYNAMIC_SHARED(unsigned char, shared);
  const int thread = threadIdx.x;
  const int lane = thread % WARP;
  const int warp = thread / WARP;
  const int firstPixel = blockIdx.x * TILE_M;
  const int firstChannel = blockIdx.y * TILE_N;
  const int pieces = p.I / PIECE;
  const int K = p.kernelF * p.kernelT * p.I;
  const int steps = (K + STEP - 1) / STEP;

  // A thread copies the same piece column of its pixels, so one cursor serves all its copies.
  Window windows[A_COPIES];
#pragma unroll
  for (int i = 0; i < A_COPIES; i++) {
    windows[i] = windowOf(p, firstPixel + thread / STEP_PIECES + i * (MMA_THREADS / STEP_PIECES));
  }
  InnerCursor cursor = {0, 0, 0};
  cursor.advance(pieces, thread % STEP_PIECES, p.kernelT);

  const auto fill = [&](int step) {
    unsigned char* stage = shared + step % STAGES * STAGE_BYTES;
#pragma unroll
    for (int i = 0; i < A_COPIES; i++) {
      const int row = thread / STEP_PIECES + i * (MMA_THREADS / STEP_PIECES);
      const T* from = inputAt<T, PIECE>(p, windows[i], cursor);
      copyAsync16(stage + row * A_ROW_BYTES + thread % STEP_PIECES * PIECE_BYTES, from != nullptr ? from : p.x,
                  from != nullptr);
    }
    cursor.advance(pieces, STEP_PIECES, p.kernelT);
    T* b = reinterpret_cast<T*>(stage + TILE_M * A_ROW_BYTES);
#pragma unroll
    for (int i = 0; i < B_COPIES; i++) {
      const int item = thread + i * MMA_THREADS;
      const int row = item / (TILE_N / PIECE);
      const int column = item % (TILE_N / PIECE) * PIECE;
      const int k = step * STEP + row;
      const bool inside = k < K && firstChannel + column < p.O;
      const T* from = static_cast<const T*>(p.weights) +
                      (inside ? static_cast<long long>(k) * p.O + firstChannel + column : 0);
      copyAsync16(b + row * B_ROW + column, from, inside);
    }
  };

  const int m = warp % WARPS_M * WARP_M;
  const int n = warp / WARPS_M * WARP_N;
  float sum[MI][WARP_N / 8][4] = {};
#pragma unroll
  for (int step = 0; step < STAGES - 1; step++) {
    if (step < steps) {
      fill(step);
    }
    commitCopies();
  }
  for (int step = 0; step < steps; step++) {
    waitCopies<STAGES - 2>();
    // This step's stage has arrived for all threads, and all have done with the one before, which is filled again now.
    __syncthreads();
    if (step + STAGES - 1 < steps) {
      fill(step + STAGES - 1);
    }
    commitCopies();

    const unsigned char* stage = shared + step % STAGES * STAGE_BYTES;
    const T* b = reinterpret_cast<const T*>(stage + TILE_M * A_ROW_BYTES);
#pragma unroll
    for (int k = 0; k < STEP; k += Fragments<T>::DEPTH) {
      unsigned pixels[MI][4];
#pragma unroll
      for (int i = 0; i < MI; i++) {
        const int row = m + 16 * i + lane % 16;
        loadMatrices(pixels[i], stage + row * A_ROW_BYTES + k * sizeof(T) + lane / 16 * PIECE_BYTES);
        Fragments<T>::round(pixels[i]);
      }
#pragma unroll
      for (int j = 0; j < WARP_N / 8; j += 2) {
        unsigned weights[2][2];
        Fragments<T>::loadB(weights, b + k * B_ROW + n + 8 * j, B_ROW, lane);
#pragma unroll
        for (int i = 0; i < MI; i++) {
          Fragments<T>::multiply(sum[i][j], pixels[i], weights[0]);
          Fragments<T>::multiply(sum[i][j + 1], pixels[i], weights[1]);
        }
      }
    }
  }

  // Through shared memory, so that whole octets are finished and written.
  __syncthreads();
  float* results = reinterpret_cast<float*>(shared);
#pragma unroll
  for (int i = 0; i < MI; i++) {
#pragma unroll
    for (int j = 0; j < WARP_N / 8; j++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        float* to = results + (m + 16 * i + lane / 4 + 8 * half) * OUT_ROW + n + 8 * j + 2 * (lane % 4);
        *reinterpret_cast<float2*>(to) = make_float2(sum[i][j][2 * half], sum[i][j][2 * half + 1]);
      }
    }
  }
  __syncthreads();
  for (int item = thread; item < TILE_M * (TILE_N / 8); item += MMA_THREADS) {
    const int row = item / (TILE_N / 8);
    const int column = item % (TILE_N / 8) * 8;
    if (firstPixel + row < p.FO * p.WO && firstChannel + column < p.O) {
      float v[8];
      load8(results + row * OUT_ROW + column, v);
      finishOctet<T>(p, firstPixel + row, firstChannel + column, v);
    }
  }
}

extern "C" __global__ void __launch_bounds__(256) conv_mma_128x128_f16(ConvParams params) {
  convMma<__half, 128, 128, 4, 2, 4>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_128x64_f16(ConvParams params) {
  convMma<__half, 128, 64, 4, 1, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_128x32_f16(ConvParams params) {
  convMma<__half, 128, 32, 4, 1, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_64x64_f16(ConvParams params) {
  convMma<__half, 64, 64, 2, 2, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_64x32_f16(ConvParams params) {
  convMma<__half, 64, 32, 2, 2, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_32x64_f16(ConvParams params) {
  convMma<__half, 32, 64, 2, 2, 5>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_32x32_f16(ConvParams params) {
  convMma<__half, 32, 32, 2, 2, 5>(params);
}
extern "C" __global__ void __launch_bounds__(256) conv_mma_128x128_tf32(ConvParams params) {
  convMma<float, 128, 128, 4, 2, 4>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_128x64_tf32(ConvParams params) {
  convMma<float, 128, 64, 4, 1, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_128x32_tf32(ConvParams params) {
  convMma<float, 128, 32, 4, 1, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_64x64_tf32(ConvParams params) {
  convMma<float, 64, 64, 2, 2, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_64x32_tf32(ConvParams params) {
  convMma<float, 64, 32, 2, 2, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_32x64_tf32(ConvParams params) {
  convMma<float, 32, 64, 2, 2, 5>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_32x32_tf32(ConvParams params) {
  convMma<float, 32, 32, 2, 2, 5>(params);
}
