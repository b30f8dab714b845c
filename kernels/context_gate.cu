// A gate on each channel, from averages over a clip and over its segments: squeeze-and-excitation (ECAPA-TDNN, section 3.2) and
// the context-aware mask (CAM++, section 2.2).
//
//   m = mean over the clip of context (+ mean over the segment);  g = sigmoid(W2 relu(W1 m + b1) + b2);  y[t] = x[t] * g
//
// Letters: N clips, W columns, I channels of context, R hidden units, C channels of x and y, S columns of a segment (0: the whole
//   clip is one). Layout: NHWC views (1, W, .); W1 (I, R) and W2 (R, C), float32; sums (slots, I); gates (slots, C).
//   Slot of segment s of clip n: firstColumn / S + n + s, or n without segments; no two segments share one.
// Three launches:
//   context_sums   block (octets, SLICES) with octets = min(I / 8, 32), grid (ceil(I / 8 / octets), most segments, N),
//                  shared SLICES * octets * 8 floats
//   context_gates  block (128), grid (most segments, N), shared I + R floats
//   gate_map       block (256), grid (ceil(W * C / 8 / 256))
// Preconditions: I and C are multiples of 8; y may be x. Slice s takes columns s, s + SLICES, ..., slices and segments are
//   added in order: a gate depends on its clip alone.
#include "common.cuh"

// The segments of a clip at its level.
struct Segments {
  Columns clip;
  int length;
  int count;
  int firstSlot;
};

__device__ __forceinline__ Segments segmentsOf(const Clip* clips, int n, int timeStride, int S) {
  const Columns clip = columnsAt(clips[n], timeStride);
  return S == 0 ? Segments{clip, clip.count, clip.count == 0 ? 0 : 1, n}
                : Segments{clip, S, (clip.count + S - 1) / S, clip.first / S + n};
}

__device__ __forceinline__ int columnsIn(const Segments& segments, int s) {
  const int rest = segments.clip.count - s * segments.length;
  return rest < segments.length ? rest : segments.length;
}

struct ContextSumsParams {
  const Clip* clips;    // (N)
  const void* context;  // view (W, I)
  float* sums;          // (slots, I)
  int contextStride;
  int I;
  int timeStride;
  int S;
};

template <typename T>
__device__ __forceinline__ void contextSums(const ContextSumsParams& p) {
  DYNAMIC_SHARED(float, scratch);  // (SLICES, octets, 8)
  const int s = blockIdx.y;
  const int c = (blockIdx.x * blockDim.x + threadIdx.x) * 8;
  const Segments segments = segmentsOf(p.clips, blockIdx.z, p.timeStride, p.S);
  if (s >= segments.count) {
    return;
  }
  const long long first = segments.clip.first + s * segments.length;
  const T* x = static_cast<const T*>(p.context) + first * p.contextStride + c;
  float sum[8] = {};
  if (c < p.I) {
    for (int t = threadIdx.y; t < columnsIn(segments, s); t += blockDim.y) {
      float v[8];
      load8(x + static_cast<long long>(t) * p.contextStride, v);
#pragma unroll
      for (int j = 0; j < 8; j++) {
        sum[j] += v[j];
      }
    }
  }
  store8(scratch + (threadIdx.y * blockDim.x + threadIdx.x) * 8, sum);
  __syncthreads();
  if (threadIdx.y == 0 && c < p.I) {
    for (int slice = 1; slice < static_cast<int>(blockDim.y); slice++) {
      float part[8];
      load8(scratch + (slice * blockDim.x + threadIdx.x) * 8, part);
#pragma unroll
      for (int j = 0; j < 8; j++) {
        sum[j] += part[j];
      }
    }
    store8(p.sums + static_cast<long long>(segments.firstSlot + s) * p.I + c, sum);
  }
}

extern "C" __global__ void __launch_bounds__(256) context_sums_f32(ContextSumsParams params) {
  contextSums<float>(params);
}
extern "C" __global__ void __launch_bounds__(256) context_sums_f16(ContextSumsParams params) {
  contextSums<__half>(params);
}

struct ContextGatesParams {
  const Clip* clips;         // (N)
  const float* sums;         // (slots, I)
  const float* squeeze;      // (I, R)
  const float* squeezeBias;  // (R)
  const float* expand;       // (R, C)
  const float* expandBias;   // (C)
  float* gates;              // (slots, C)
  int I;
  int R;
  int C;
  int timeStride;
  int S;
};

extern "C" __global__ void __launch_bounds__(128) context_gates(ContextGatesParams p) {
  DYNAMIC_SHARED(float, mean);  // (I), then hidden units (R)
  float* hidden = mean + p.I;
  const int s = blockIdx.x;
  const Segments segments = segmentsOf(p.clips, blockIdx.y, p.timeStride, p.S);
  if (s >= segments.count) {
    return;
  }
  const float* sums = p.sums + static_cast<long long>(segments.firstSlot) * p.I;
  for (int c = threadIdx.x; c < p.I; c += blockDim.x) {
    float total = 0.0f;
    for (int other = 0; other < segments.count; other++) {
      total += sums[static_cast<long long>(other) * p.I + c];
    }
    mean[c] = total / static_cast<float>(segments.clip.count);
    if (p.S > 0) {
      mean[c] += sums[static_cast<long long>(s) * p.I + c] / static_cast<float>(columnsIn(segments, s));
    }
  }
  __syncthreads();
  for (int r = threadIdx.x; r < p.R; r += blockDim.x) {
    float sum = p.squeezeBias[r];
    for (int c = 0; c < p.I; c++) {
      sum = fmaf(mean[c], p.squeeze[c * p.R + r], sum);
    }
    hidden[r] = relu(sum);
  }
  __syncthreads();
  float* gates = p.gates + static_cast<long long>(segments.firstSlot + s) * p.C;
  for (int c = threadIdx.x; c < p.C; c += blockDim.x) {
    float sum = p.expandBias[c];
    for (int r = 0; r < p.R; r++) {
      sum = fmaf(hidden[r], p.expand[r * p.C + c], sum);
    }
    gates[c] = sigmoid(sum);
  }
}

struct GateMapParams {
  const Clip* clips;      // (N)
  const int* columnClip;  // (W)
  const void* x;          // view (W, C)
  const float* gates;     // (slots, C)
  void* y;                // view (W, C)
  int xStride;
  int yStride;
  int W;
  int C;
  int timeStride;
  int S;
};

template <typename T>
__device__ __forceinline__ void gateMap(const GateMapParams& p) {
  const int octets = p.C / 8;
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const int t = i / octets;
  const int c = (i - t * octets) * 8;
  if (t >= p.W) {
    return;
  }
  float v[8] = {};
  const int n = p.columnClip[t];
  if (n != GAP) {
    const Segments segments = segmentsOf(p.clips, n, p.timeStride, p.S);
    const int slot = segments.firstSlot + (t - segments.clip.first) / segments.length;
    float gate[8];
    load8(p.gates + static_cast<long long>(slot) * p.C + c, gate);
    load8(static_cast<const T*>(p.x) + static_cast<long long>(t) * p.xStride + c, v);
#pragma unroll
    for (int j = 0; j < 8; j++) {
      v[j] *= gate[j];
    }
  }
  store8(static_cast<T*>(p.y) + static_cast<long long>(t) * p.yStride + c, v);
}

extern "C" __global__ void gate_map_f32(GateMapParams params) { gateMap<float>(params); }
extern "C" __global__ void gate_map_f16(GateMapParams params) { gateMap<__half>(params); }
