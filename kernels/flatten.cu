// A map's channels and frequencies as the channels of a map along time: a transposition.
//
//   y[t][j] = x[row(j)][t][channel(j)], converted to the type of y; zero in gap columns and where no channel lies
//
// Letters: F rows, W columns, O channels of y in memory. Layout: x by its strides, so that it may be an NHWC view (F, W, C) or
//   the features (W, F); y an NHWC view (1, W, O). Launch: block (256), grid (ceil(W * O / 8 / 256)). One thread per octet of y.
// Preconditions: O is a multiple of 8; x and y do not overlap.
#include "common.cuh"

struct FlattenParams {
  const void* x;
  const int* rows;        // (O): the row of x that a channel of y comes from, or -1 where y is padded
  const int* channels;    // (O): the channel of x
  const int* columnClip;  // (W)
  void* y;                // view (W, O)
  long long rowStride;    // elements of x from row to row
  int columnStride;       // elements of x from column to column
  int yStride;
  int W;
  int O;
};

template <typename From, typename To>
__device__ __forceinline__ void flatten(const FlattenParams& p) {
  const int octets = p.O / 8;
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const int t = i / octets;
  const int first = (i - t * octets) * 8;
  if (t >= p.W) {
    return;
  }
  float v[8] = {};
  if (p.columnClip[t] != GAP) {
    const From* x = static_cast<const From*>(p.x) + static_cast<long long>(t) * p.columnStride;
#pragma unroll
    for (int j = 0; j < 8; j++) {
      const int row = p.rows[first + j];
      if (row >= 0) {
        v[j] = toFloat(x[row * p.rowStride + p.channels[first + j]]);
      }
    }
  }
  store8(static_cast<To*>(p.y) + static_cast<long long>(t) * p.yStride + first, v);
}

extern "C" __global__ void flatten_f32(FlattenParams params) { flatten<float, float>(params); }
extern "C" __global__ void flatten_f16(FlattenParams params) { flatten<__half, __half>(params); }
extern "C" __global__ void flatten_f32_to_f16(FlattenParams params) { flatten<float, __half>(params); }
