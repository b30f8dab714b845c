// Attentional feature fusion (ERes2Net, section 2.2) in one kernel, on tensor cores.
//
//   s = silu(squeeze [x; y] + b1);  a = tanh(expand s + b2);  out = x (1 + a) + y (1 - a), zero in gap columns
//
// Letters: P pixels (F * W), W columns, C channels, R channels between the matrices, a multiple of 16 (padded with zeros).
// Layout: x, y, out NHWC views (F, W, C); squeeze (2C, R) and expand (R, C) in the fragment order of mma_rows.cuh; the rows
//   of squeeze take x's channels, then y's. s is rounded to the storage type.
// One block fuses `tile` pixels: it keeps x, y and s in shared memory, so each is read once and s never leaves the
//   multiprocessor. Every warp takes 16 pixels and 16 channels at a time.
// Launch: block (128), grid (ceil(P / tile)), shared tile * (2C + R + 2 PAD) elements, PAD = 16 bytes; tile a multiple of 16.
// Preconditions: C is a multiple of 16; out overlaps neither x nor y; tf32 needs compute capability 8.0. The order of each
//   sum is fixed, so a pixel's result depends on that pixel alone, and the tile does not change it.
#include "common.cuh"
#include "mma_rows.cuh"

constexpr int AFF_THREADS = 128;
constexpr int AFF_ROWS = 16;  // pixels of a warp at a time

struct AffMmaParams {
  const void* x;             // view (F, W, C)
  const void* y;             // view (F, W, C)
  const void* squeeze;       // (2C, R)
  const float* squeezeBias;  // (R)
  const void* expand;        // (R, C)
  const float* expandBias;   // (C)
  const int* columnClip;     // (W)
  void* out;                 // view (F, W, C)
  int xStride;
  int yStride;
  int outStride;
  int P;
  int W;
  int C;
  int R;
  int tile;
};

__device__ __forceinline__ void storePair(float* p, float a, float b) {
  *reinterpret_cast<float2*>(p) = make_float2(a, b);
}
__device__ __forceinline__ void storePair(__half* p, float a, float b) {
  *reinterpret_cast<unsigned*>(p) = packHalves(a, b);
}

// Calls done(pixel of the tile, channel, pair) with the products of all rows of `left` and 16 columns at a time.
template <typename T, class Done>
__device__ __forceinline__ void multiply(const T* left, int row, int pixels, int K, const void* weights, int N, Done done) {
  const int lane = threadIdx.x % WARP;
  const int groups = N / 16;
  for (int item = threadIdx.x / WARP; item < pixels / AFF_ROWS * groups; item += AFF_THREADS / WARP) {
    const int first = item / groups * AFF_ROWS;
    const int group = item % groups;
    const T* const rows[1] = {left + (first + lane % 16) * row};
    float sum[1][2][4] = {};
    addProducts<T, 1, 1>(sum, rows, K, fragments<T>(weights, N), group, lane);
    forEachPair<1, 1>(sum, lane, [&](int, int, int, int m, int n, float (&pair)[2]) {
      done(first + m, group * 16 + n, pair);
    });
  }
}

template <typename T>
__device__ __forceinline__ void affMma(const AffMmaParams& p) {
  constexpr int PIECE = 16 / static_cast<int>(sizeof(T));
  DYNAMIC_SHARED(unsigned char, shared);
  const int inRow = 2 * p.C + PIECE;
  const int innerRow = p.R + PIECE;
  T* in = reinterpret_cast<T*>(shared);  // (tile, inRow): x's channels, then y's
  T* inner = in + p.tile * inRow;        // (tile, innerRow)
  const long long first = static_cast<long long>(blockIdx.x) * p.tile;

  const int pieces = 2 * p.C / PIECE;
  for (int i = threadIdx.x; i < p.tile * pieces; i += AFF_THREADS) {
    const int pixel = i / pieces;
    const int c = i % pieces * PIECE;
    const bool inside = first + pixel < p.P;
    const long long at = inside ? first + pixel : 0;
    const T* from = c < p.C ? static_cast<const T*>(p.x) + at * p.xStride + c
                            : static_cast<const T*>(p.y) + at * p.yStride + c - p.C;
    copyAsync16(in + pixel * inRow + c, from, inside);
  }
  commitCopies();
  waitCopies<0>();
  __syncthreads();

  multiply<T>(in, inRow, p.tile, 2 * p.C, p.squeeze, p.R, [&](int pixel, int r, float (&pair)[2]) {
    storePair(inner + pixel * innerRow + r, silu(pair[0] + p.squeezeBias[r]), silu(pair[1] + p.squeezeBias[r + 1]));
  });
  __syncthreads();

  multiply<T>(inner, innerRow, p.tile, p.R, p.expand, p.C, [&](int pixel, int c, float (&pair)[2]) {
    const long long at = first + pixel;
    if (at >= p.P) {
      return;
    }
    float blend[2] = {};
    if (p.columnClip[at % p.W] != GAP) {
#pragma unroll
      for (int j = 0; j < 2; j++) {
        const float a = tanhf(pair[j] + p.expandBias[c + j]);
        const float x = toFloat(in[pixel * inRow + c + j]);
        const float y = toFloat(in[pixel * inRow + p.C + c + j]);
        blend[j] = fmaf(y, 1.0f - a, x * (1.0f + a));
      }
    }
    storePair(static_cast<T*>(p.out) + at * p.outStride + c, blend[0], blend[1]);
  });
}

extern "C" __global__ void __launch_bounds__(128) aff_mma_f16(AffMmaParams params) { affMma<__half>(params); }
extern "C" __global__ void __launch_bounds__(128) aff_mma_tf32(AffMmaParams params) { affMma<float>(params); }
