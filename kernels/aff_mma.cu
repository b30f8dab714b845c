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
#include "aff.cuh"
#include "aff_rows.cuh"

constexpr int AFF_THREADS = 128;

template <typename T>
__device__ __forceinline__ void affMma(const AffParams& p) {
  constexpr int PIECE = 16 / static_cast<int>(sizeof(T));
  DYNAMIC_SHARED(unsigned char, shared);
  const int inRow = 2 * p.C + PIECE;
  T* in = reinterpret_cast<T*>(shared);
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

  const AffRows<T> rows = {in, inRow, in + p.tile * inRow, p.R + PIECE, p.tile};
  fuseRows<T, AFF_THREADS>(rows, p, [&](int pixel, int c, float (&blend)[2]) {
    const long long at = first + pixel;
    if (at < p.P) {
      const bool gap = p.columnClip[at % p.W] == GAP;
      storePair(static_cast<T*>(p.out) + at * p.outStride + c, gap ? 0.0f : blend[0], gap ? 0.0f : blend[1]);
    }
  });
}

extern "C" __global__ void __launch_bounds__(128) aff_mma_f16(AffParams params) { affMma<__half>(params); }
extern "C" __global__ void __launch_bounds__(128) aff_mma_tf32(AffParams params) { affMma<float>(params); }
