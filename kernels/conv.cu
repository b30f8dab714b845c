// Two-dimensional convolution as an implicit matrix product, with everything that follows it fused.
//
//   y[f][t][o] = clamp(bias[o] + residual[f][t][o] + sum over kf, kt, i of
//                      weight[kf][kt][i][o] * x[f * strideF + kf - padF][t * strideT + dilation * kt - padT][i]),
//   padF = (kernelF - 1) / 2, padT = dilation * (kernelT - 1) / 2, y zero in gap columns; x zero outside its F x W, or, where
//   the table of clips is given, mirrored at the first and last column of the clip that t belongs to
//
// Letters: I and O channels; F x W input, FO x WO output positions; K = kernelF * kernelT * I, the inner extent.
// Layout: NHWC views; weights (K, O), i.e. (KF, KT, I, O), of the storage type.
// conv_simt_*: tiles of 64 output pixels by BN output channels, the inner extent in steps of 16 through double-buffered
//   shared memory, 4 pixels x 8 channels per thread.
//   Launch: block (2 * BN), grid (ceil(FO * WO / 64), ceil(O / BN)), shared 2 * 16 * (68 + BN) floats; BN = 64 or 32.
// conv_mma_*: tensor-core tiles of BM pixels by BN channels, the inner extent in steps of 64 bytes per pixel through
//   STAGES stages of shared memory filled by asynchronous copies; 4 warps. tf32 rounds the factors to 10 mantissa bits.
//   Launch: block (128), grid (ceil(FO * WO / BM), ceil(O / BN)), shared STAGES * (BM * 80 + (BN + 8) * 64) bytes;
//   BM = 128 or 64, BN = 64 or 32. tf32 needs compute capability 8.0.
// Preconditions: I and O are multiples of 8; y may be the residual, and overlaps nothing else.
//   An output is summed over the whole inner extent in order, never split, so its value depends on its neighbourhood alone;
//   and all tile sizes of one method give the same bits, so the tile may be chosen by the extent of the row.
#include "common.cuh"

struct ConvParams {
  const void* x;          // view (F, W, I)
  const void* weights;    // (K, O)
  const float* bias;      // (O)
  const void* residual;   // view (FO, WO, O) or null
  const int* columnClip;  // (WO)
  const Clip* clips;      // (N), or null: beyond its ends a clip is zero
  void* y;                // view (FO, WO, O)
  int xStride;
  int residualStride;
  int yStride;
  int F;
  int W;
  int I;
  int FO;
  int WO;
  int O;
  int kernelF;
  int kernelT;
  int strideF;
  int strideT;
  int dilation;    // along time
  int timeStride;  // of x
  Clamp clamp;
};

// Walks the inner extent in pieces of neighbouring input channels: which tap and which channels come next.
struct InnerCursor {
  int piece;  // of the tap's input channels
  int kf;
  int kt;

  __device__ __forceinline__ void advance(int pieces, int by, int kernelT) {
    piece += by;
    while (piece >= pieces) {
      piece -= pieces;
      kt++;
      if (kt == kernelT) {
        kt = 0;
        kf++;
      }
    }
  }
};

// Columns that the kernel reaches to each side of its centre.
__device__ __forceinline__ int radiusT(const ConvParams& p) { return p.dilation * (p.kernelT - 1) / 2; }

// An output pixel, as the position its kernel window begins at.
struct Window {
  int f;
  int t;
  bool exists;
};

__device__ __forceinline__ Window windowOf(const ConvParams& p, int pixel) {
  const int fo = pixel / p.WO;
  const int to = pixel - fo * p.WO;
  return {fo * p.strideF - (p.kernelF - 1) / 2, to * p.strideT - radiusT(p), fo < p.FO};
}

// Where column t lies once it is mirrored at the ends of the clip that the window belongs to; outside of x if to none.
__device__ __forceinline__ int mirrored(const ConvParams& p, const Window& window, int t) {
  const int clip = p.columnClip[(window.t + radiusT(p)) / p.strideT];
  if (clip == GAP) {
    return -1;
  }
  const Columns own = columnsAt(p.clips[clip], p.timeStride);
  const int last = own.first + own.count - 1;
  return t < own.first ? 2 * own.first - t : (t > last ? 2 * last - t : t);
}

// The piece of PIECE input channels under a tap, or null where the input is zero.
template <typename T, int PIECE>
__device__ __forceinline__ const T* inputAt(const ConvParams& p, const Window& window, const InnerCursor& k) {
  const int f = window.f + k.kf;
  const int unbounded = window.t + k.kt * p.dilation;
  const int t = p.clips == nullptr ? unbounded : mirrored(p, window, unbounded);
  const bool inside = window.exists && k.kf < p.kernelF && f >= 0 && f < p.F && t >= 0 && t < p.W;
  return inside ? static_cast<const T*>(p.x) + (static_cast<long long>(f) * p.W + t) * p.xStride + k.piece * PIECE
                : nullptr;
}

template <typename T>
__device__ __forceinline__ void load8OrZero(const T* p, float (&v)[8]) {
  if (p != nullptr) {
    load8(p, v);
  } else {
#pragma unroll
    for (int j = 0; j < 8; j++) {
      v[j] = 0.0f;
    }
  }
}

// Bias, residual, clip and mask of the octet of channels o.. of one output pixel.
template <typename T>
__device__ __forceinline__ void finishOctet(const ConvParams& p, int pixel, int o, float (&sum)[8]) {
  if (p.columnClip[pixel % p.WO] == GAP) {
#pragma unroll
    for (int j = 0; j < 8; j++) {
      sum[j] = 0.0f;
    }
  } else {
    float bias[8];
    float residual[8];
    load8(p.bias + o, bias);
    load8OrZero(p.residual == nullptr ? nullptr
                                      : static_cast<const T*>(p.residual) +
                                            static_cast<long long>(pixel) * p.residualStride + o,
                residual);
#pragma unroll
    for (int j = 0; j < 8; j++) {
      sum[j] = clamped(sum[j] + bias[j] + residual[j], p.clamp);
    }
  }
  store8(static_cast<T*>(p.y) + static_cast<long long>(pixel) * p.yStride + o, sum);
}

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

constexpr int STAGES = 3;
constexpr int STEP_BYTES = 64;  // of each pixel's inner extent
constexpr int PIECE_BYTES = 16;
constexpr int A_ROW_BYTES = STEP_BYTES + PIECE_BYTES;  // the pad keeps the rows of a matrix load in different banks
constexpr int MMA_THREADS = 128;

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

template <typename T, int TILE_M, int TILE_N>
__device__ __forceinline__ void convMma(const ConvParams& p) {
  constexpr int PIECE = PIECE_BYTES / static_cast<int>(sizeof(T));  // channels
  constexpr int STEP = STEP_BYTES / static_cast<int>(sizeof(T));    // inner extent per step
  constexpr int STEP_PIECES = STEP_BYTES / PIECE_BYTES;
  constexpr int B_ROW = TILE_N + 8;  // elements
  constexpr int STAGE_BYTES = TILE_M * A_ROW_BYTES + STEP * B_ROW * static_cast<int>(sizeof(T));
  constexpr int A_COPIES = TILE_M * STEP_PIECES / MMA_THREADS;
  constexpr int B_COPIES = STEP * (TILE_N / PIECE) / MMA_THREADS;
  constexpr int WARPS_M = TILE_M / 32;
  constexpr int WARP_N = TILE_N / (MMA_THREADS / WARP / WARPS_M);  // channels per warp; its pixels are 32
  constexpr int OUT_ROW = TILE_N + 4;                              // floats
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

  // A thread copies one piece column of every 32nd pixel, so one cursor serves all its copies.
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

  const int m = warp % WARPS_M * 32;
  const int n = warp / WARPS_M * WARP_N;
  float sum[2][WARP_N / 8][4] = {};
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
      unsigned pixels[2][4];
#pragma unroll
      for (int i = 0; i < 2; i++) {
        const int row = m + 16 * i + lane % 16;
        loadMatrices(pixels[i], stage + row * A_ROW_BYTES + k * sizeof(T) + lane / 16 * PIECE_BYTES);
        Fragments<T>::round(pixels[i]);
      }
#pragma unroll
      for (int j = 0; j < WARP_N / 8; j += 2) {
        unsigned weights[2][2];
        Fragments<T>::loadB(weights, b + k * B_ROW + n + 8 * j, B_ROW, lane);
#pragma unroll
        for (int i = 0; i < 2; i++) {
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
  for (int i = 0; i < 2; i++) {
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

extern "C" __global__ void __launch_bounds__(128) conv_mma_128x64_f16(ConvParams params) {
  convMma<__half, 128, 64>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_128x32_f16(ConvParams params) {
  convMma<__half, 128, 32>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_64x64_f16(ConvParams params) {
  convMma<__half, 64, 64>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_64x32_f16(ConvParams params) {
  convMma<__half, 64, 32>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_128x64_tf32(ConvParams params) {
  convMma<float, 128, 64>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_128x32_tf32(ConvParams params) {
  convMma<float, 128, 32>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_64x64_tf32(ConvParams params) {
  convMma<float, 64, 64>(params);
}
extern "C" __global__ void __launch_bounds__(128) conv_mma_64x32_tf32(ConvParams params) {
  convMma<float, 64, 32>(params);
}
