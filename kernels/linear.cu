// Fully connected layer on the pooled vectors.
//
//   out[n][o] = clamp(bias[o] + sum over i of weight[o][i] * x[n][i])
//
// Letters: N clips, I inputs, O outputs. Layout: x (N, I), weight (O, I), out (N, O), all packed; x and out fp32.
// Launch: block (128), grid (O, ceil(N / CLIPS)), shared 4 floats. A block computes one output of CLIPS clips and
//   reads its weight row once for all of them; the weights are the traffic.
// Preconditions: none on I. Thread k sums inputs k, k + 128, ... and the partial sums are added by a fixed tree, clip by clip:
//   the result does not depend on N.
#include "common.cuh"

constexpr int CLIPS = 4;
constexpr int THREADS = 128;

struct LinearParams {
  const float* x;       // (N, I)
  const void* weights;  // (O, I)
  const float* bias;    // (O)
  float* out;           // (N, O)
  int N;
  int I;
  int O;
  Clamp clamp;
};

template <typename T>
__device__ __forceinline__ void linear(const LinearParams& p) {
  DYNAMIC_SHARED(float, scratch);  // (warps)
  const int o = blockIdx.x;
  const int first = blockIdx.y * CLIPS;
  const T* row = static_cast<const T*>(p.weights) + static_cast<long long>(o) * p.I;
  const float* x[CLIPS];
#pragma unroll
  for (int clip = 0; clip < CLIPS; clip++) {
    // Past the last clip the last one is computed again and not stored.
    const int n = first + clip < p.N ? first + clip : p.N - 1;
    x[clip] = p.x + static_cast<long long>(n) * p.I;
  }
  float sum[CLIPS] = {};
#pragma unroll 8
  for (int i = threadIdx.x; i < p.I; i += THREADS) {
    const float w = toFloat(row[i]);
#pragma unroll
    for (int clip = 0; clip < CLIPS; clip++) {
      sum[clip] = fmaf(w, x[clip][i], sum[clip]);
    }
  }
#pragma unroll
  for (int clip = 0; clip < CLIPS; clip++) {
    const float total = blockSum(sum[clip], scratch, threadIdx.x, THREADS);
    if (threadIdx.x == 0 && first + clip < p.N) {
      p.out[static_cast<long long>(first + clip) * p.O + o] = clamped(total + p.bias[o], p.clamp);
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) linear_f32(LinearParams params) { linear<float>(params); }
extern "C" __global__ void __launch_bounds__(THREADS) linear_f16(LinearParams params) { linear<__half>(params); }
