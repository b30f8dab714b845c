// Attentive statistics pooling (Okabe et al., Interspeech 2018), clip by clip.
//
//   h[t] = tanh(W1 x[t] + b1);  alpha[r] = softmax over t of (W2 h[t] + b2)[r]
//   mean[r] = sum over t of alpha[r][t] x[r][t];  std[r] = sqrt(max(sum over t of alpha (x - mean)^2, floor))
//   With global context (ECAPA-TDNN, section 3.1), h[t] = tanh(scale * relu(W1 x[t] + b1[clip]) + shift).
//
// Letters: N clips, C channels, F rows, W columns, H hidden units, rows r = c * F + f. Layout: x an NHWC view (F, W, C);
//   W1 (F, C, H) and W2 (H, F, C), hidden-minor and channel-minor to match NHWC; out (N, 2 C F): index c * F + f, means first.
// Three launches:
//   attentive_partial     partial[f][t][h] = sum over c;  block (H), grid (ceil(W / COLUMNS), F), shared COLUMNS * C8 floats,
//                         C8 = C rounded up to 8
//   attentive_hidden      h = tanh(b1 + sum over f, in order);  block (128), grid (ceil(W * H / 128))
//   context_hidden        instead of both, from a product (W, H):  block (128), grid (ceil(W * H / 128))
//   attentive_statistics  scores, softmax and sums in one pass over time; block (32, SLICES), grid (ceil(C / 32), F, N),
//                         shared max(32 * H, SLICES * 32 * 4) floats
// Preconditions: H a multiple of 4, H <= 512; x readable up to C8 channels. Slice s takes columns s, s + SLICES, ... and slices are
//   merged in order: the result depends on the clip alone.
#include "common.cuh"

constexpr int COLUMNS = 8;  // per block of attentive_partial

struct AttentivePartialParams {
  const void* x;          // view (F, W, C)
  const float* weights;   // (F, C, H)
  const int* columnClip;  // (W)
  float* partial;         // (F, W, H)
  int xStride;
  int F;
  int W;
  int C;
  int H;
};

template <typename T>
__device__ __forceinline__ void attentivePartial(const AttentivePartialParams& p) {
  DYNAMIC_SHARED(float, columns);  // (COLUMNS, C8)
  const int octets = (p.C + 7) / 8;
  const int f = blockIdx.y;
  const int first = blockIdx.x * COLUMNS;
  for (int i = threadIdx.x; i < COLUMNS * octets; i += blockDim.x) {
    const int t = first + i / octets;
    const int c = i % octets * 8;
    float v[8] = {};
    if (t < p.W && p.columnClip[t] != GAP) {
      load8(static_cast<const T*>(p.x) + (static_cast<long long>(f) * p.W + t) * p.xStride + c, v);
    }
    store8(columns + i * 8, v);
  }
  __syncthreads();

  const int h = threadIdx.x;
  const float* weights = p.weights + static_cast<long long>(f) * p.C * p.H + h;
  const int whole = p.C / 4 * 4;
  float sum[COLUMNS] = {};
#pragma unroll 4
  for (int c = 0; c < whole; c += 4) {
    float w[4];
#pragma unroll
    for (int j = 0; j < 4; j++) {
      w[j] = weights[static_cast<long long>(c + j) * p.H];
    }
#pragma unroll
    for (int t = 0; t < COLUMNS; t++) {
      const float4 x = *reinterpret_cast<const float4*>(columns + t * octets * 8 + c);
      sum[t] = fmaf(w[0], x.x, sum[t]);
      sum[t] = fmaf(w[1], x.y, sum[t]);
      sum[t] = fmaf(w[2], x.z, sum[t]);
      sum[t] = fmaf(w[3], x.w, sum[t]);
    }
  }
  for (int c = whole; c < p.C; c++) {
    const float w = weights[static_cast<long long>(c) * p.H];
#pragma unroll
    for (int t = 0; t < COLUMNS; t++) {
      sum[t] = fmaf(w, columns[t * octets * 8 + c], sum[t]);
    }
  }
#pragma unroll
  for (int t = 0; t < COLUMNS; t++) {
    if (first + t < p.W) {
      p.partial[(static_cast<long long>(f) * p.W + first + t) * p.H + h] = sum[t];
    }
  }
}

extern "C" __global__ void __launch_bounds__(512) attentive_partial_f32(AttentivePartialParams params) {
  attentivePartial<float>(params);
}
extern "C" __global__ void __launch_bounds__(512) attentive_partial_f16(AttentivePartialParams params) {
  attentivePartial<__half>(params);
}

extern "C" __global__ void attentive_hidden(const float* __restrict__ partial,  // (F, W, H)
                                            const float* __restrict__ bias,     // (H)
                                            float* __restrict__ hidden,         // (W, H)
                                            int F, int W, int H) {
  const long long size = static_cast<long long>(W) * H;
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= size) {
    return;
  }
  float sum = bias[i % H];
  for (int f = 0; f < F; f++) {
    sum += partial[f * size + i];
  }
  hidden[i] = tanhf(sum);
}

struct ContextHiddenParams {
  const void* product;    // (W, H): W1 x
  const float* bias;      // (N, H)
  const float* scale;     // (H)
  const float* shift;     // (H)
  const int* columnClip;  // (W)
  float* hidden;          // (W, H)
  int W;
  int H;
};

template <typename T>
__device__ __forceinline__ void contextHidden(const ContextHiddenParams& p) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  const int t = static_cast<int>(i / p.H);
  const int h = static_cast<int>(i % p.H);
  if (t >= p.W) {
    return;
  }
  const int clip = p.columnClip[t];
  if (clip == GAP) {
    p.hidden[i] = 0.0f;
    return;
  }
  const float sum = toFloat(static_cast<const T*>(p.product)[i]) + p.bias[static_cast<long long>(clip) * p.H + h];
  p.hidden[i] = tanhf(fmaf(p.scale[h], relu(sum), p.shift[h]));
}

extern "C" __global__ void __launch_bounds__(128) context_hidden_f32(ContextHiddenParams params) {
  contextHidden<float>(params);
}
extern "C" __global__ void __launch_bounds__(128) context_hidden_f16(ContextHiddenParams params) {
  contextHidden<__half>(params);
}

struct AttentiveStatisticsParams {
  const Clip* clips;     // (N)
  const void* x;         // view (F, W, C)
  const float* hidden;   // (W, H)
  const float* weights;  // (H, F, C)
  const float* bias;     // (F, C)
  float* out;            // (N, 2 C F)
  int xStride;
  int F;
  int W;
  int C;
  int H;
  int timeStride;
  float floor;  // of the variance
};

// Running softmax-weighted sums of x - shift. Moving x by a constant keeps the difference of the two moments from
// cancelling where the spread is small against the mean; the shift is the clip's first value.
struct Moments {
  float maximum;
  float weight;
  float first;
  float second;
};

__device__ __forceinline__ void include(Moments& m, float score, float x) {
  if (score > m.maximum) {
    const float scale = expf(m.maximum - score);
    m = {score, m.weight * scale, m.first * scale, m.second * scale};
  }
  const float e = expf(score - m.maximum);
  m.weight += e;
  m.first = fmaf(e, x, m.first);
  m.second = fmaf(e * x, x, m.second);
}

__device__ __forceinline__ void merge(Moments& m, const Moments& other) {
  const float maximum = fmaxf(m.maximum, other.maximum);
  const float a = expf(m.maximum - maximum);
  const float b = expf(other.maximum - maximum);
  m = {maximum, a * m.weight + b * other.weight, a * m.first + b * other.first, a * m.second + b * other.second};
}

template <typename T>
__device__ __forceinline__ void attentiveStatistics(const AttentiveStatisticsParams& p) {
  DYNAMIC_SHARED(float, shared);  // first the weights (H, 32), then the slices' moments (SLICES, 32)
  const int lane = threadIdx.x;
  const int slice = threadIdx.y;
  const int slices = blockDim.y;
  const int f = blockIdx.y;
  const int n = blockIdx.z;
  const int c = blockIdx.x * WARP + lane;
  const bool inside = c < p.C;
  const Columns columns = columnsAt(p.clips[n], p.timeStride);

  for (int h = slice; h < p.H; h += slices) {
    shared[h * WARP + lane] = inside ? p.weights[(static_cast<long long>(h) * p.F + f) * p.C + c] : 0.0f;
  }
  __syncthreads();

  const T* x = static_cast<const T*>(p.x) + (static_cast<long long>(f) * p.W + columns.first) * p.xStride + c;
  const float* hidden = p.hidden + static_cast<long long>(columns.first) * p.H;
  const float bias = inside ? p.bias[f * p.C + c] : 0.0f;
  const float shift = inside ? toFloat(x[0]) : 0.0f;
  // The lowest finite float: exp(lowest - score) is 0, and unlike infinity it never gives inf - inf.
  Moments moments = {-3.402823466e+38f, 0.0f, 0.0f, 0.0f};
  for (int t = slice; t < columns.count; t += slices) {
    const float* row = hidden + static_cast<long long>(t) * p.H;
    float score = bias;
    for (int h = 0; h < p.H; h += 4) {
      const float4 v = *reinterpret_cast<const float4*>(row + h);
      score = fmaf(shared[h * WARP + lane], v.x, score);
      score = fmaf(shared[(h + 1) * WARP + lane], v.y, score);
      score = fmaf(shared[(h + 2) * WARP + lane], v.z, score);
      score = fmaf(shared[(h + 3) * WARP + lane], v.w, score);
    }
    include(moments, score, (inside ? toFloat(x[static_cast<long long>(t) * p.xStride]) : 0.0f) - shift);
  }
  __syncthreads();
  Moments* slots = reinterpret_cast<Moments*>(shared);
  slots[slice * WARP + lane] = moments;
  __syncthreads();

  if (slice == 0 && inside) {
    for (int other = 1; other < slices; other++) {
      merge(moments, slots[other * WARP + lane]);
    }
    const float first = moments.first / moments.weight;
    const float variance = moments.second / moments.weight - first * first;
    float* out = p.out + static_cast<long long>(n) * 2 * p.C * p.F;
    out[c * p.F + f] = shift + first;
    out[p.C * p.F + c * p.F + f] = sqrtf(variance < p.floor ? p.floor : variance);
  }
}

extern "C" __global__ void __launch_bounds__(256) attentive_statistics_f32(AttentiveStatisticsParams params) {
  attentiveStatistics<float>(params);
}
extern "C" __global__ void __launch_bounds__(256) attentive_statistics_f16(AttentiveStatisticsParams params) {
  attentiveStatistics<__half>(params);
}
