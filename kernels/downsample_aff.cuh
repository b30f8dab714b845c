// A step of the global fusion in one kernel: what the tensor-core and the plain variant share.
//
//   y = clamp(bias + weights (3x3, stride 2) in)                                       the stages so far, I to C channels
//   s = silu(squeeze [x; y] + b1);  a = tanh(expand s + b2);  out = x (1 + a) + y (1 - a)      with the next stage, x
//   out zero in gap columns; in zero outside its F x W
//
// Letters: F x W input, FO x WO output positions, I and C channels, R channels between the matrices (padded with zeros to a
//   multiple of 16).
// Layout: in, x and out NHWC views. Shared memory, in elements of T, rows PAD = 16 bytes longer than their channels:
//   rows (pixels of the tile, 2C): x's channels, then y's;  halo (pixels of the halo, I);  s (pixels of the tile, R), in the
//   place of the halo. The halo's columns lie in the order 0, 2, .. 2 tileT, 1, 3, .. 2 tileT - 1: what neighbouring outputs
//   need of a tap lies in neighbouring rows then, and those fall in different banks.
// A block computes tileF x tileT output positions with all their channels, since each channel of the gate needs all of y.
//   y never leaves the multiprocessor. Every value is summed in the order of the separate kernels, and rounded to T where they
//   store it, so the result is theirs to the bit, and depends on its neighbourhood alone.
// Launch: block (256), grid (ceil(WO / tileT), ceil(FO / tileF)); tileT is 8.
#pragma once

struct DownsampleAffParams {
  const void* in;            // view (F, W, I)
  const void* weights;       // (9 * I, C)
  const float* bias;         // (C)
  const void* x;             // view (FO, WO, C)
  const void* squeeze;       // (2C, R)
  const float* squeezeBias;  // (R)
  const void* expand;        // (R, C)
  const float* expandBias;   // (C)
  const int* columnClip;     // (WO)
  void* out;                 // view (FO, WO, C)
  int inStride;
  int xStride;
  int outStride;
  int F;
  int W;
  int I;
  int FO;
  int WO;
  int C;
  int R;
  int tileF;
  Clamp clamp;
};

constexpr int DOWNSAMPLE_THREADS = 256;
constexpr int DOWNSAMPLE_COLUMNS = 8;  // of a tile

template <typename T>
struct DownsampleAff {
  static constexpr int PAD = 16 / static_cast<int>(sizeof(T));
  static constexpr int HALO_T = 2 * DOWNSAMPLE_COLUMNS + 1;

  const DownsampleAffParams& p;
  int firstF;  // output position of the tile's first pixel
  int firstT;
  int pixels;  // of the tile
  int rowLength;
  int haloRow;
  T* rows;
  T* halo;

  __device__ __forceinline__ DownsampleAff(const DownsampleAffParams& params, T* shared) : p(params) {
    firstF = static_cast<int>(blockIdx.y) * p.tileF;
    firstT = static_cast<int>(blockIdx.x) * DOWNSAMPLE_COLUMNS;
    pixels = p.tileF * DOWNSAMPLE_COLUMNS;
    rowLength = 2 * p.C + PAD;
    haloRow = p.I + PAD;
    rows = shared;
    halo = rows + pixels * rowLength;
  }

  // Starts the copies of the block's inputs, first what is downsampled, then x, each as a group. All threads.
  __device__ __forceinline__ void fetch() const {
    const int pieces = p.I / PAD;
    const int haloPixels = (2 * p.tileF + 1) * HALO_T;
    for (int i = threadIdx.x; i < haloPixels * pieces; i += DOWNSAMPLE_THREADS) {
      const int pixel = i / pieces;
      const int c = i % pieces * PAD;
      const int column = pixel % HALO_T;
      const int f = 2 * firstF - 1 + pixel / HALO_T;
      const int t = 2 * firstT - 1 + column;
      const bool inside = f >= 0 && f < p.F && t >= 0 && t < p.W;
      copyAsync16(halo + (pixel - column + column / 2 + column % 2 * (DOWNSAMPLE_COLUMNS + 1)) * haloRow + c,
                  static_cast<const T*>(p.in) + (inside ? (static_cast<long long>(f) * p.W + t) * p.inStride + c : 0),
                  inside);
    }
    commitCopies();
    const int xPieces = p.C / PAD;
    for (int i = threadIdx.x; i < pixels * xPieces; i += DOWNSAMPLE_THREADS) {
      const int pixel = i / xPieces;
      const int c = i % xPieces * PAD;
      const long long at = position(pixel);
      copyAsync16(rows + pixel * rowLength + c, static_cast<const T*>(p.x) + (at >= 0 ? at * p.xStride + c : 0), at >= 0);
    }
    commitCopies();
  }

  // Output position of a pixel of the tile, or -1.
  __device__ __forceinline__ long long position(int pixel) const {
    const int f = firstF + pixel / DOWNSAMPLE_COLUMNS;
    const int t = firstT + pixel % DOWNSAMPLE_COLUMNS;
    return f < p.FO && t < p.WO ? static_cast<long long>(f) * p.WO + t : -1;
  }

  // Where the first tap of a pixel of the tile lies.
  __device__ __forceinline__ const T* window(int pixel) const {
    return halo + (2 * (pixel / DOWNSAMPLE_COLUMNS) * HALO_T + pixel % DOWNSAMPLE_COLUMNS) * haloRow;
  }

  // From the first tap to another.
  __device__ __forceinline__ int tapOffset(int tap) const {
    const int kt = tap % 3;
    return (tap / 3 * HALO_T + kt / 2 + kt % 2 * (DOWNSAMPLE_COLUMNS + 1)) * haloRow;
  }

  // The convolution's sums for channels c.. of a pixel.
  template <int WIDTH>
  __device__ __forceinline__ void downsampled(int pixel, int c, const float (&sum)[WIDTH]) const {
    T* y = rows + pixel * rowLength + p.C + c;
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      store(y + j, clamped(sum[j] + p.bias[c + j], p.clamp));
    }
  }

  // Where to store channels c.. of a pixel, or null; makes them zero in a gap.
  template <int WIDTH>
  __device__ __forceinline__ T* target(int pixel, int c, float (&fused)[WIDTH]) const {
    const long long at = position(pixel);
    if (at >= 0 && p.columnClip[firstT + pixel % DOWNSAMPLE_COLUMNS] == GAP) {
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        fused[j] = 0.0f;
      }
    }
    return at >= 0 ? static_cast<T*>(p.out) + at * p.outStride + c : nullptr;
  }
};
