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
// Split: four groups of warps take every fourth slice of 32 bytes of the inner extent, and their sums are added as
//   (0 + 1) + (2 + 3), whatever the tile or the row; other bits than those of the kernels above. Steps of 128 bytes, so shared
//   STAGES * (BM * 144 + (BN + 8) * 128) bytes:
//     tile     warps      stages
//     64x64    2 x 1 x 4  3
//     32x32    1 x 1 x 4  5
//   For layers of few pixels and a long inner extent. One clip of 3 s has 390 pixels where a 3x3 convolution sums 128 channels
//   into 128: 52 blocks of 32x32, of which an H100 runs one on each of 52 of its 132 multiprocessors. So the time is that of one
//   block, and in conv_mma_32x32 that is a chain of 72 slices in each of four warps, with two products per slice that depend
//   on nothing: too few to hide what a product takes. Split, the chain is 18 slices of eight such products, and half as much
//   is read from shared memory (4 matrix loads for 8 products, not 2 for 2). Tiles of 16x32 would give 100 blocks
//   but read 11.1 MB instead of 7.7 MB of operands from the second-level cache; a split over blocks would need a second pass or
//   atomics.
// tf32 needs compute capability 8.0.
#include "common.cuh"
#include "conv.cuh"
#include "mma_rows.cuh"
#include "conv_mma.cuh"

// The slices of the inner extent in a step.
template <int SPLITS>
constexpr int STEP_SLICES = SPLITS == 1 ? 2 : SPLITS;

template <typename T, int TILE_M, int TILE_N, int WARPS_M, int WARPS_N, int SPLITS, int STAGES>
__device__ __forceinline__ void convMma(const ConvParams& p) {
  constexpr int STEP_BYTES = STEP_SLICES<SPLITS> * SLICE_BYTES;     // of each pixel's inner extent
  constexpr int PIECE = PIECE_BYTES / static_cast<int>(sizeof(T));  // channels
  constexpr int STEP = STEP_BYTES / static_cast<int>(sizeof(T));    // inner extent per step
  constexpr int STEP_PIECES = STEP_BYTES / PIECE_BYTES;
  constexpr int MMA_THREADS = WARP * WARPS_M * WARPS_N * SPLITS;
  constexpr int A_ROW_BYTES = STEP_BYTES + PIXEL_PAD;
  constexpr int B_ROW = TILE_N + CHANNEL_PAD;  // elements
  constexpr int STAGE_BYTES = TILE_M * A_ROW_BYTES + STEP * B_ROW * static_cast<int>(sizeof(T));
  constexpr int A_COPIES = TILE_M * STEP_PIECES / MMA_THREADS;
  constexpr int B_COPIES = STEP * (TILE_N / PIECE) / MMA_THREADS;
  constexpr int WARP_M = TILE_M / WARPS_M;  // pixels per warp
  constexpr int WARP_N = TILE_N / WARPS_N;  // channels per warp
  constexpr int MI = WARP_M / 16;
  constexpr int NJ = WARP_N / 8;
  constexpr int OUT_ROW = TILE_N + 4;                       // floats
  constexpr int EXCHANGES = SPLITS == 1 ? 1 : SPLITS / 2;  // tiles of results in shared memory
  static_assert(TILE_M * STEP_PIECES % MMA_THREADS == 0 && STEP * (TILE_N / PIECE) % MMA_THREADS == 0,
                "all threads copy equally much");
  static_assert(EXCHANGES * TILE_M * OUT_ROW * 4 <= STAGES * STAGE_BYTES,
                "results are exchanged in the stages' memory");
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
      copyWeights<T, TILE_N>(p, b, step * STEP, firstChannel, thread + i * MMA_THREADS);
    }
  };

  const int m = warp % WARPS_M * WARP_M;
  const int n = warp / WARPS_M % WARPS_N * WARP_N;
  const int group = warp / (WARPS_M * WARPS_N);  // which of every SPLITS slices
  float sum[MI][NJ][4] = {};
#pragma unroll(SPLITS == 1 ? STAGES - 1 : 1)
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
    for (int i = 0; i < STEP_SLICES<SPLITS> / SPLITS; i++) {
      const int slice = i * SPLITS + group;
      multiplySlice<T, MI, NJ>(sum, stage + m * A_ROW_BYTES + slice * SLICE_BYTES, A_ROW_BYTES,
                               b + slice * Fragments<T>::DEPTH * B_ROW + n, B_ROW, lane);
    }
  }

  // Through shared memory, so that whole octets are finished and written. Of the groups each even one adds its neighbour's
  // sums to its own, and what these pairs have is added in order.
  __syncthreads();
  float* results = reinterpret_cast<float*>(shared) + group / 2 * (TILE_M * OUT_ROW);
  const auto withResults = [&](auto pair) {
#pragma unroll
    for (int i = 0; i < MI; i++) {
#pragma unroll
      for (int j = 0; j < NJ; j++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
          float* at = results + (m + 16 * i + lane / 4 + 8 * half) * OUT_ROW + n + 8 * j + 2 * (lane % 4);
          pair(*reinterpret_cast<float2*>(at), sum[i][j][2 * half], sum[i][j][2 * half + 1]);
        }
      }
    }
  };
  if (SPLITS > 1) {
    if (group % 2 == 1) {
      withResults([](float2& result, float left, float right) { result = make_float2(left, right); });
    }
    __syncthreads();
  }
  if (group % 2 == 0) {
    withResults([](float2& result, float left, float right) {
      result = SPLITS == 1 ? make_float2(left, right) : make_float2(left + result.x, right + result.y);
    });
  }
  __syncthreads();
  for (int item = thread; item < TILE_M * (TILE_N / 8); item += MMA_THREADS) {
    const int row = item / (TILE_N / 8);
    const int column = item % (TILE_N / 8) * 8;
    if (firstPixel + row < p.FO * p.WO && firstChannel + column < p.O) {
      const float* from = reinterpret_cast<const float*>(shared) + row * OUT_ROW + column;
      float v[8];
      load8(from, v);
#pragma unroll
      for (int exchange = 1; exchange < EXCHANGES; exchange++) {
        float more[8];
        load8(from + exchange * (TILE_M * OUT_ROW), more);
#pragma unroll
        for (int j = 0; j < 8; j++) {
          v[j] += more[j];
        }
      }
      finishOctet<T>(p, firstPixel + row, firstChannel + column, v);
    }
  }
}

extern "C" __global__ void __launch_bounds__(256) conv_mma_128x128_f16(ConvParams params) {
  convMma<__half, 128, 128, 4, 2, 1, 4>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_128x64_f16(ConvParams params) {
  convMma<__half, 128, 64, 4, 1, 1, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_128x32_f16(ConvParams params) {
  convMma<__half, 128, 32, 4, 1, 1, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_64x64_f16(ConvParams params) {
  convMma<__half, 64, 64, 2, 2, 1, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_64x32_f16(ConvParams params) {
  convMma<__half, 64, 32, 2, 2, 1, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_32x64_f16(ConvParams params) {
  convMma<__half, 32, 64, 2, 2, 1, 5>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_32x32_f16(ConvParams params) {
  convMma<__half, 32, 32, 2, 2, 1, 5>(params);
}
extern "C" __global__ void __launch_bounds__(256) conv_mma_128x128_tf32(ConvParams params) {
  convMma<float, 128, 128, 4, 2, 1, 4>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_128x64_tf32(ConvParams params) {
  convMma<float, 128, 64, 4, 1, 1, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_128x32_tf32(ConvParams params) {
  convMma<float, 128, 32, 4, 1, 1, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_64x64_tf32(ConvParams params) {
  convMma<float, 64, 64, 2, 2, 1, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_64x32_tf32(ConvParams params) {
  convMma<float, 64, 32, 2, 2, 1, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_32x64_tf32(ConvParams params) {
  convMma<float, 32, 64, 2, 2, 1, 5>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_32x32_tf32(ConvParams params) {
  convMma<float, 32, 32, 2, 2, 1, 5>(params);
}
extern "C" __global__ void __launch_bounds__(256) conv_mma_split_64x64_f16(ConvParams params) {
  convMma<__half, 64, 64, 2, 1, 4, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_split_32x32_f16(ConvParams params) {
  convMma<__half, 32, 32, 1, 1, 4, 5>(params);
}
extern "C" __global__ void __launch_bounds__(256) conv_mma_split_64x64_tf32(ConvParams params) {
  convMma<float, 64, 64, 2, 1, 4, 3>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_split_32x32_tf32(ConvParams params) {
  convMma<float, 32, 32, 1, 1, 4, 5>(params);
}
