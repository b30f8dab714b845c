// Attentional feature fusion (ERes2Net, section 2.2).
//
//   s = silu(squeeze [x; y] + b1);  a = tanh(expand s + b2);  out = x (1 + a) + y (1 - a), zero in gap columns
//
// Letters: P pixels (F * W), W columns, C channels, R channels between the matrices. Layout: x, y, out NHWC views
//   (F, W, C); squeeze (2C, R) and expand (R, C), input-major, fp32; the rows of squeeze take x's channels, then y's.
// aff: one block fuses `tile` pixels: it keeps x, y and s in shared memory, so each is read once and s never leaves the
//   multiprocessor. Every thread computes 2 outputs of 4 pixels at a time, in the first product over a quarter of the
//   inputs: there outputs are few, and one thread waiting for all the weights of an output would take the time.
//   Launch: block (256), grid (ceil(P / tile)), shared tile * (2C + 4 + SLICES * (R4 + 4)) floats, R4 = R rounded up to
//   4; tile a multiple of 4. The tile does not change the result.
// silu, gate_blend: the same around two library matrix products, for wide layers.
//   Launch: block (256), grid (ceil(P * channels / 8 / 256)); one thread per octet.
// Preconditions: C is a multiple of 8; out overlaps neither x nor y in aff, and may be one of them in gate_blend. The
//   order of each sum is fixed, so a pixel's result depends on that pixel alone.
#include "common.cuh"
#include "aff.cuh"

constexpr int PIXELS = 4;   // per thread
constexpr int OUTPUTS = 2;  // per thread
constexpr int SLICES = 4;   // of the inputs of the first product
constexpr int PAD = 4;      // floats behind each row in shared memory, against bank conflicts

// Four inputs' share of the sums, of which the first `count` have weights; the rows hold zeros for the others.
__device__ __forceinline__ void multiply4(float (&sum)[OUTPUTS][PIXELS], const float* weights, int weightStride,
                                          const int (&column)[OUTPUTS], const float* const (&rows)[PIXELS], int k,
                                          int count) {
  float w[OUTPUTS][4];
#pragma unroll
  for (int o = 0; o < OUTPUTS; o++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      w[o][j] = j < count ? weights[(k + j) * weightStride + column[o]] : 0.0f;
    }
  }
#pragma unroll
  for (int i = 0; i < PIXELS; i++) {
    const float4 v = *reinterpret_cast<const float4*>(rows[i] + k);
#pragma unroll
    for (int o = 0; o < OUTPUTS; o++) {
      sum[o][i] = fmaf(w[o][0], v.x, sum[o][i]);
      sum[o][i] = fmaf(w[o][1], v.y, sum[o][i]);
      sum[o][i] = fmaf(w[o][2], v.z, sum[o][i]);
      sum[o][i] = fmaf(w[o][3], v.w, sum[o][i]);
    }
  }
}

// sum[o][i] += sum over k < count of weights[k][column[o]] * rows[i][k], in order.
__device__ __forceinline__ void multiply(float (&sum)[OUTPUTS][PIXELS], const float* weights, int weightStride,
                                         const int (&column)[OUTPUTS], const float* const (&rows)[PIXELS], int count) {
  const int whole = count / 4 * 4;
  // The loads of four rounds are under way at a time: their latency is what this waits for.
#pragma unroll 4
  for (int k = 0; k < whole; k += 4) {
    multiply4(sum, weights, weightStride, column, rows, k, 4);
  }
  if (whole < count) {
    multiply4(sum, weights, weightStride, column, rows, whole, count - whole);
  }
}

template <typename T>
__device__ __forceinline__ void aff(const AffParams& p) {
  DYNAMIC_SHARED(float, shared);
  const int inRow = 2 * p.C + PAD;
  const int innerRow = (p.R + 3) / 4 * 4 + PAD;
  float* in = shared;                      // (tile, inRow): x's channels, then y's
  float* inner = shared + p.tile * inRow;  // (SLICES, tile, innerRow); slice 0 becomes s
  const int first = blockIdx.x * p.tile;

  const int octets = p.C / 8;
  for (int i = threadIdx.x; i < p.tile * 2 * octets; i += blockDim.x) {
    const int pixel = i / (2 * octets);
    const int octet = i % (2 * octets);
    const bool fromY = octet >= octets;
    float v[8] = {};
    if (first + pixel < p.P) {
      const long long at = first + pixel;
      if (fromY) {
        load8(static_cast<const T*>(p.y) + at * p.yStride + (octet - octets) * 8, v);
      } else {
        load8(static_cast<const T*>(p.x) + at * p.xStride + octet * 8, v);
      }
    }
    store8(in + pixel * inRow + octet * 8, v);
  }
  __syncthreads();

  // A thread's pixels lie `groups` apart: neighbouring groups of a warp then read neighbouring rows, which differ by 4 banks.
  const int groups = p.tile / PIXELS;
  const int pairs = (innerRow - PAD) / 2;
  const int depth = 2 * p.C / SLICES;
  for (int i = threadIdx.x; i < pairs * groups * SLICES; i += blockDim.x) {
    const int group = i / pairs % groups;
    const int slice = i / pairs / groups;
    const int wanted[OUTPUTS] = {i % pairs, i % pairs + pairs};
    const int column[OUTPUTS] = {min(wanted[0], p.R - 1), min(wanted[1], p.R - 1)};
    const float* row = in + group * inRow + slice * depth;
    const float* const rows[PIXELS] = {row, row + groups * inRow, row + 2 * groups * inRow, row + 3 * groups * inRow};
    float sum[OUTPUTS][PIXELS] = {};
    multiply(sum, static_cast<const float*>(p.squeeze) + slice * depth * p.R, p.R, column, rows, depth);
#pragma unroll
    for (int o = 0; o < OUTPUTS; o++) {
#pragma unroll
      for (int j = 0; j < PIXELS; j++) {
        inner[(slice * p.tile + group + j * groups) * innerRow + wanted[o]] = sum[o][j];
      }
    }
  }
  __syncthreads();
  for (int i = threadIdx.x; i < p.tile * (innerRow - PAD); i += blockDim.x) {
    const int r = i % (innerRow - PAD);
    float* s = inner + i / (innerRow - PAD) * innerRow + r;
    float sum = s[0];
#pragma unroll
    for (int slice = 1; slice < SLICES; slice++) {
      sum += s[slice * p.tile * innerRow];
    }
    // Up to the next multiple of 4 the rows hold zeros for the second product.
    s[0] = r < p.R ? silu(sum + p.squeezeBias[r]) : 0.0f;
  }
  __syncthreads();

  const int channelPairs = p.C / 2;
  for (int i = threadIdx.x; i < channelPairs * groups; i += blockDim.x) {
    const int group = i / channelPairs;
    const int c = i % channelPairs * 2;
    const int column[OUTPUTS] = {c, c + 1};
    const float* const rows[PIXELS] = {inner + group * innerRow, inner + (group + groups) * innerRow,
                                       inner + (group + 2 * groups) * innerRow,
                                       inner + (group + 3 * groups) * innerRow};
    float sum[OUTPUTS][PIXELS] = {};
    multiply(sum, static_cast<const float*>(p.expand), p.C, column, rows, p.R);
#pragma unroll
    for (int j = 0; j < PIXELS; j++) {
      const int pixel = group + j * groups;
      const long long at = first + pixel;
      if (at >= p.P) {
        break;
      }
      float blend[OUTPUTS] = {};
      if (p.columnClip[at % p.W] != GAP) {
#pragma unroll
        for (int o = 0; o < OUTPUTS; o++) {
          const float* x = in + pixel * inRow + c + o;
          blend[o] = blended(x[0], x[p.C], sum[o][j] + p.expandBias[c + o]);
        }
      }
      storePair(static_cast<T*>(p.out) + at * p.outStride + c, blend[0], blend[1]);
    }
  }
}

extern "C" __global__ void __launch_bounds__(256) aff_f32(AffParams params) { aff<float>(params); }
extern "C" __global__ void __launch_bounds__(256) aff_f16(AffParams params) { aff<__half>(params); }

// s = silu(s + bias), in place on a packed tensor.
template <typename T>
__device__ __forceinline__ void addBiasSilu(T* s, const float* bias, long long octets, int R) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= octets) {
    return;
  }
  float v[8];
  float b[8];
  load8(s + i * 8, v);
  load8(bias + i * 8 % R, b);
#pragma unroll
  for (int j = 0; j < 8; j++) {
    v[j] = silu(v[j] + b[j]);
  }
  store8(s + i * 8, v);
}

extern "C" __global__ void silu_f32(float* s,           // (P, R), R a multiple of 8
                                    const float* bias,  // (R)
                                    long long octets,   // P * R / 8
                                    int R) {
  addBiasSilu(s, bias, octets, R);
}

extern "C" __global__ void silu_f16(__half* s,          // (P, R), R a multiple of 8
                                    const float* bias,  // (R)
                                    long long octets,   // P * R / 8
                                    int R) {
  addBiasSilu(s, bias, octets, R);
}

struct GateBlendParams {
  const void* gate;       // (P, C) packed: expand s, before its bias
  const float* gateBias;  // (C)
  const void* x;          // view (F, W, C)
  const void* y;          // view (F, W, C)
  const int* columnClip;  // (W)
  void* out;              // view (F, W, C)
  int xStride;
  int yStride;
  int outStride;
  int P;
  int W;
  int C;
};

template <typename T>
__device__ __forceinline__ void gateBlend(const GateBlendParams& p) {
  const int octets = p.C / 8;
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  const long long at = i / octets;
  const int c = static_cast<int>(i - at * octets) * 8;
  if (at >= p.P) {
    return;
  }
  float blend[8] = {};
  if (p.columnClip[at % p.W] != GAP) {
    float g[8];
    float b[8];
    float x[8];
    float y[8];
    load8(static_cast<const T*>(p.gate) + at * p.C + c, g);
    load8(p.gateBias + c, b);
    load8(static_cast<const T*>(p.x) + at * p.xStride + c, x);
    load8(static_cast<const T*>(p.y) + at * p.yStride + c, y);
#pragma unroll
    for (int j = 0; j < 8; j++) {
      blend[j] = blended(x[j], y[j], g[j] + b[j]);
    }
  }
  store8(static_cast<T*>(p.out) + at * p.outStride + c, blend);
}

extern "C" __global__ void gate_blend_f32(GateBlendParams params) { gateBlend<float>(params); }
extern "C" __global__ void gate_blend_f16(GateBlendParams params) { gateBlend<__half>(params); }
