// Statistics over time of each clip, channel and frequency.
//
//   mean[c][f] = sum over t of x[f][t][c] / n;   std = sqrt(max(sum over t of (x - mean)^2 / (n - correction) + epsilon, floor))
//
// Letters: N clips, C channels, F rows, W columns, n columns of a clip at this level.
// Layout: x an NHWC view (F, W, C); out (N, count * C * F), index c * F + f, means before standard deviations.
// Launch: block (octets, SLICES) with octets = min(ceil(C / 8), 32), grid (ceil(C / 8 / octets), F, N),
//   shared SLICES * octets * 8 floats.
// Preconditions: n > correction where the standard deviation is taken; out 4-byte aligned; x readable up to the next multiple
//   of 8 channels (padding). Two passes; slice s takes columns s, s + SLICES, ..., slices are added in order: the
//   result depends on the clip alone.
#include "common.cuh"

struct StatsPoolParams {
  const Clip* clips;  // (N)
  const void* x;      // view (F, W, C)
  float* out;         // (N, count * C * F)
  int xStride;
  int F;
  int W;
  int C;
  int timeStride;
  int takeMean;  // 0 or 1
  int takeStd;   // 0 or 1
  int correction;
  float epsilon;
  float floor;
};

// Adds the slices' sums; every thread gets the totals of its octet. Barriers before reading and before reuse.
__device__ __forceinline__ void sumSlices(float (&v)[8], float* scratch) {
  const int octets = blockDim.x;
  store8(scratch + (threadIdx.y * octets + threadIdx.x) * 8, v);
  __syncthreads();
  float total[8] = {};
  for (int slice = 0; slice < static_cast<int>(blockDim.y); slice++) {
    float part[8];
    load8(scratch + (slice * octets + threadIdx.x) * 8, part);
#pragma unroll
    for (int j = 0; j < 8; j++) {
      total[j] += part[j];
    }
  }
  __syncthreads();
#pragma unroll
  for (int j = 0; j < 8; j++) {
    v[j] = total[j];
  }
}

template <typename T>
__device__ __forceinline__ void statsPool(const StatsPoolParams& p) {
  DYNAMIC_SHARED(float, scratch);  // (SLICES, octets, 8)
  const int f = blockIdx.y;
  const int n = blockIdx.z;
  const int c = (blockIdx.x * blockDim.x + threadIdx.x) * 8;
  const bool inside = c < p.C;
  const Columns columns = columnsAt(p.clips[n], p.timeStride);
  const T* x = static_cast<const T*>(p.x) + (static_cast<long long>(f) * p.W + columns.first) * p.xStride + c;

  float sum[8] = {};
  if (inside) {
    for (int t = threadIdx.y; t < columns.count; t += blockDim.y) {
      float v[8];
      load8(x + static_cast<long long>(t) * p.xStride, v);
#pragma unroll
      for (int j = 0; j < 8; j++) {
        sum[j] += v[j];
      }
    }
  }
  sumSlices(sum, scratch);
  float mean[8];
#pragma unroll
  for (int j = 0; j < 8; j++) {
    mean[j] = sum[j] / static_cast<float>(columns.count);
  }

  float squares[8] = {};
  if (p.takeStd && inside) {
    for (int t = threadIdx.y; t < columns.count; t += blockDim.y) {
      float v[8];
      load8(x + static_cast<long long>(t) * p.xStride, v);
#pragma unroll
      for (int j = 0; j < 8; j++) {
        const float d = v[j] - mean[j];
        squares[j] = fmaf(d, d, squares[j]);
      }
    }
  }
  sumSlices(squares, scratch);

  if (threadIdx.y == 0 && inside) {
    const int size = p.C * p.F;
    float* out = p.out + static_cast<long long>(n) * (p.takeMean + p.takeStd) * size;
#pragma unroll
    for (int j = 0; j < 8; j++) {
      if (c + j >= p.C) {
        break;
      }
      const int at = (c + j) * p.F + f;
      if (p.takeMean) {
        out[at] = mean[j];
      }
      if (p.takeStd) {
        const float variance = squares[j] / static_cast<float>(columns.count - p.correction) + p.epsilon;
        out[p.takeMean * size + at] = sqrtf(variance < p.floor ? p.floor : variance);
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(256) stats_pool_f32(StatsPoolParams params) { statsPool<float>(params); }
extern "C" __global__ void __launch_bounds__(256) stats_pool_f16(StatsPoolParams params) { statsPool<__half>(params); }
