// Convolution on tensor cores by blocks that stay. Formula, letters, layout and preconditions: conv.cuh.
// A block computes tiles of 64 output pixels by BN output channels, those of a block's channels one behind the other: tile
//   blockIdx.x, then every gridDim.x-th. The channels' weights come with the steps of its first tile and stay in shared memory.
//   The pixels pass through 4 stages, in steps of 64 bytes of the inner extent per pixel, without a gap between tiles: while a
//   tile is finished, the first steps of the next are already on their way. A warp finishes its own part of a tile, so that
//   no barrier is needed for it. The bits are those of conv_mma, whatever the grid.
// Launch: block (128), 2 x 2 warps, grid (up to ceil(FO * WO / 64), ceil(O / BN)), shared 4 * 64 * 80 + 4 * 16 * (BN / 2 + 4) * 4
//   + ceil(K * size / 64) * 64 * (BN + 8) bytes, size 2 for f16, 4 for tf32; BN = 64 or 32.
// For short inner extents and more tiles than the card runs at once. Stage 1 of a clip of 3 s has 390 tiles of 64 pixels and
//   K = 32 to 144, 1 to 5 steps: a block for one tile has hardly begun to stream when it must finish, and reads as many weights
//   as pixels' values or half as many. With the 38400 bytes of its 3x3 convolution a T4 runs 40 blocks at once, an L4 116, a
//   4090 256 and an H100 660: of one clip a block stays for 10, 4, 2 and 1 tiles, and of 64 clips on an H100 for 38. Of a deep layer
//   there is nothing to stay for (7 tiles of 64 pixels): there conv_mma's split of the inner extent shortens the time of a block.
// tf32 needs compute capability 8.0.
#include "common.cuh"
#include "conv.cuh"
#include "mma_rows.cuh"
#include "conv_mma.cuh"

template <typename T, int TILE_N>
__device__ __forceinline__ void convMmaPersistent(const ConvParams& p) {
  constexpr int TILE_M = 64;
  constexpr int WARPS_M = 2;
  constexpr int WARPS_N = 2;
  constexpr int STAGES = 4;
  constexpr int STEP_BYTES = 2 * SLICE_BYTES;                       // of each pixel's inner extent
  constexpr int PIECE = PIECE_BYTES / static_cast<int>(sizeof(T));  // channels
  constexpr int STEP = STEP_BYTES / static_cast<int>(sizeof(T));    // inner extent per step
  constexpr int STEP_PIECES = STEP_BYTES / PIECE_BYTES;
  constexpr int MMA_THREADS = WARP * WARPS_M * WARPS_N;
  constexpr int A_ROW_BYTES = STEP_BYTES + PIXEL_PAD;
  constexpr int STAGE_BYTES = TILE_M * A_ROW_BYTES;
  constexpr int B_ROW = TILE_N + CHANNEL_PAD;  // elements
  constexpr int A_COPIES = TILE_M * STEP_PIECES / MMA_THREADS;
  constexpr int B_COPIES = STEP * (TILE_N / PIECE) / MMA_THREADS;
  constexpr int WARP_M = TILE_M / WARPS_M;
  constexpr int WARP_N = TILE_N / WARPS_N;
  constexpr int MI = WARP_M / 16;
  constexpr int NJ = WARP_N / 8;
  constexpr int OUT_ROW = WARP_N + 4;  // floats
  DYNAMIC_SHARED(unsigned char, shared);
  const int thread = threadIdx.x;
  const int lane = thread % WARP;
  const int warp = thread / WARP;
  float* results = reinterpret_cast<float*>(shared + STAGES * STAGE_BYTES) + warp * (16 * OUT_ROW);
  T* weights = reinterpret_cast<T*>(shared + STAGES * STAGE_BYTES + WARPS_M * WARPS_N * 16 * OUT_ROW * 4);
  const int firstChannel = blockIdx.y * TILE_N;
  const int pixels = p.FO * p.WO;
  const int tiles = (pixels + TILE_M - 1) / TILE_M;
  const int pieces = p.I / PIECE;
  const int steps = (p.kernelF * p.kernelT * p.I + STEP - 1) / STEP;

  // What is copied next. A thread copies the same piece column of its pixels, so one cursor serves all its copies.
  int nextTile = blockIdx.x;
  int nextStep = 0;
  Window windows[A_COPIES];
  InnerCursor cursor = {0, 0, 0};
  const auto fill = [&](int stage) {
    if (nextTile < tiles) {
      if (nextStep == 0) {
#pragma unroll
        for (int i = 0; i < A_COPIES; i++) {
          windows[i] = windowOf(p, nextTile * TILE_M + thread / STEP_PIECES + i * (MMA_THREADS / STEP_PIECES));
        }
        cursor = {0, 0, 0};
        cursor.advance(pieces, thread % STEP_PIECES, p.kernelT);
      }
#pragma unroll
      for (int i = 0; i < A_COPIES; i++) {
        const int row = thread / STEP_PIECES + i * (MMA_THREADS / STEP_PIECES);
        const T* from = inputAt<T, PIECE>(p, windows[i], cursor);
        copyAsync16(shared + stage * STAGE_BYTES + row * A_ROW_BYTES + thread % STEP_PIECES * PIECE_BYTES,
                    from != nullptr ? from : p.x, from != nullptr);
      }
      cursor.advance(pieces, STEP_PIECES, p.kernelT);
      if (nextTile == static_cast<int>(blockIdx.x)) {
#pragma unroll
        for (int i = 0; i < B_COPIES; i++) {
          copyWeights<T, TILE_N>(p, weights + nextStep * STEP * B_ROW, nextStep * STEP, firstChannel,
                                 thread + i * MMA_THREADS);
        }
      }
      if (++nextStep == steps) {
        nextStep = 0;
        nextTile += gridDim.x;
      }
    }
    commitCopies();
  };

  const int m = warp % WARPS_M * WARP_M;
  const int n = warp / WARPS_M * WARP_N;
  float sum[MI][NJ][4] = {};
  int step = 0;
  for (int round = 0, tile = blockIdx.x; tile < tiles; round++) {
    // The first rounds only fill.
    const bool filled = round >= STAGES - 1;
    if (filled) {
      waitCopies<STAGES - 2>();
      // This step's stage has arrived for all threads, and all have done with the one before, which is filled again now.
      __syncthreads();
    }
    fill(round % STAGES);
    if (!filled) {
      continue;
    }
    const unsigned char* stage = shared + (round + 1) % STAGES * STAGE_BYTES;
#pragma unroll
    for (int slice = 0; slice < 2; slice++) {
      multiplySlice<T, MI, NJ>(sum, stage + m * A_ROW_BYTES + slice * SLICE_BYTES, A_ROW_BYTES,
                               weights + (step * STEP + slice * Fragments<T>::DEPTH) * B_ROW + n, B_ROW, lane);
    }
    if (++step < steps) {
      continue;
    }

    // Through shared memory of the warp alone, 16 pixels at a time, so that whole octets are finished and written.
#pragma unroll
    for (int i = 0; i < MI; i++) {
#pragma unroll
      for (int j = 0; j < NJ; j++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
          float* to = results + (lane / 4 + 8 * half) * OUT_ROW + 8 * j + 2 * (lane % 4);
          *reinterpret_cast<float2*>(to) = make_float2(sum[i][j][2 * half], sum[i][j][2 * half + 1]);
        }
      }
      __syncwarp();
      for (int item = lane; item < 16 * (WARP_N / 8); item += WARP) {
        const int row = item / (WARP_N / 8);
        const int column = item % (WARP_N / 8) * 8;
        const int pixel = tile * TILE_M + m + 16 * i + row;
        if (pixel < pixels && firstChannel + n + column < p.O) {
          float v[8];
          load8(results + row * OUT_ROW + column, v);
          finishOctet<T>(p, pixel, firstChannel + n + column, v);
        }
      }
      __syncwarp();
    }
    // The next tile starts from zero.
#pragma unroll
    for (int i = 0; i < MI; i++) {
#pragma unroll
      for (int j = 0; j < NJ; j++) {
#pragma unroll
        for (int k = 0; k < 4; k++) {
          sum[i][j][k] = 0.0f;
        }
      }
    }
    step = 0;
    tile += gridDim.x;
  }
}

extern "C" __global__ void __launch_bounds__(128) conv_mma_persistent_64x64_f16(ConvParams params) {
  convMmaPersistent<__half, 64>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_persistent_64x32_f16(ConvParams params) {
  convMmaPersistent<__half, 32>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_persistent_64x64_tf32(ConvParams params) {
  convMmaPersistent<float, 64>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_persistent_64x32_tf32(ConvParams params) {
  convMmaPersistent<float, 32>(params);
}
