// What the checks of the convolution kernels share: random layers and their CPU version. Included behind the kernels.
//
// Step 0 is the naive kernel here, one thread per output. Step 1 is conv_simt: tiles in shared memory, 4 x 8 outputs per
// thread. Step 2, in conv_mma.cu: tensor cores, one 16 x 16 tile per warp, each step's operands awaited. Step 3 is conv_mma:
// larger tiles, asynchronous copies several steps ahead; step 4 splits the inner extent over the warps of a block. Step 5 is
// conv_mma_persistent: blocks that stay for several tiles, and keep their weights.
#pragma once

#include "fragments.h"
#include "harness.h"

template <typename T>
__device__ void naive(const ConvParams& p) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  const int o = static_cast<int>(i % p.O), pixel = static_cast<int>(i / p.O);
  const int fo = pixel / p.WO, to = pixel % p.WO;
  if (fo >= p.FO) {
    return;
  }
  float sum = p.bias[o];
  for (int k = 0; k < p.kernelF * p.kernelT; k++) {
    const int f = fo * p.strideF + k / p.kernelT - (p.kernelF - 1) / 2;
    int t = to * p.strideT + p.dilation * (k % p.kernelT - (p.kernelT - 1) / 2);
    if (p.clips != nullptr && p.columnClip[to] != GAP) {
      const Columns own = columnsAt(p.clips[p.columnClip[to]], p.timeStride);
      const int last = own.first + own.count - 1;
      t = t < own.first ? 2 * own.first - t : t > last ? 2 * last - t : t;
    }
    if (f < 0 || f >= p.F || t < 0 || t >= p.W) {
      continue;
    }
    for (int c = 0; c < p.I; c++) {
      sum += toFloat(static_cast<const T*>(p.weights)[(static_cast<long long>(k) * p.I + c) * p.O + o]) *
             toFloat(static_cast<const T*>(p.x)[(static_cast<long long>(f) * p.W + t) * p.xStride + c]);
    }
  }
  if (p.residual != nullptr) {
    sum += toFloat(static_cast<const T*>(p.residual)[static_cast<long long>(pixel) * p.residualStride + o]);
  }
  store(static_cast<T*>(p.y) + static_cast<long long>(pixel) * p.yStride + o,
        p.columnClip[to] == GAP ? 0.0f : clamped(sum, p.clamp));
}
extern "C" __global__ void conv_naive_f32(ConvParams p) { naive<float>(p); }
extern "C" __global__ void conv_naive_f16(ConvParams p) { naive<__half>(p); }

#define NAIVE(type)                                                                           \
  [](const ConvParams& p) {                                                                   \
    LAUNCH(conv_naive_##type, ceilDiv(static_cast<long long>(p.FO) * p.WO * p.O, 128), 128, 0, p); \
  }

using Run = void (*)(const ConvParams&);
// Kernels that must agree with one another bit by bit.
using Equals = std::vector<Run>;

struct Geometry {
  int kernelF, kernelT, strideF, strideT, dilation;
  bool mirror;
};

// Every kind of layer that the networks have, and some that they do not.
const std::vector<Geometry> GEOMETRIES = {
    {1, 1, 1, 1, 1, false}, {3, 3, 1, 1, 1, false}, {1, 1, 2, 2, 1, false}, {3, 3, 2, 2, 1, false},
    {3, 3, 2, 1, 1, false}, {1, 1, 2, 1, 1, false}, {1, 5, 1, 2, 1, false}, {1, 3, 1, 1, 2, false},
    {1, 5, 1, 1, 1, true},  {1, 3, 1, 1, 4, true},  {3, 1, 3, 1, 1, false}, {1, 3, 1, 2, 3, true}};

template <typename T>
void checkConv(unsigned seed, const Geometry& g, bool tf32, const std::vector<Equals>& methods) {
  Random random(seed);
  const int I = random.oneOf({8, 16, 24, 40}), O = random.oneOf({8, 24, 40, 72});
  const int F = random.oneOf({1, 2, 5, 9}), level = random.oneOf({1, 2});
  const int radius = g.dilation * (g.kernelT - 1) / 2;
  // Mirroring needs clips that are longer than the kernel reaches.
  const PackedRow row = PackedRow::of({9, g.mirror ? (radius + 1) * level : random.oneOf({1, 16, 31})}, random.below(2));
  const std::vector<int> inOwner = row.columnClip(level), owner = row.columnClip(level * g.strideT);
  const int W = static_cast<int>(inOwner.size()), WO = static_cast<int>(owner.size()), FO = ceilDiv(F, g.strideF);
  std::vector<float> x = random.floats(static_cast<size_t>(F) * W * I, -2, 2);
  for (size_t i = 0; i < x.size(); i++) {
    x[i] = inOwner[i / I % W] == GAP ? 0 : x[i];
  }
  const size_t size = static_cast<size_t>(FO) * WO * O;
  const int taps = g.kernelF * g.kernelT;
  const std::vector<float> w = random.floats(static_cast<size_t>(taps) * I * O, -0.5f, 0.5f);
  const std::vector<float> bias = random.floats(O, -2, 2), residual = random.floats(size, -3, 3);
  std::vector<float> rx = rounded<T>(x), rw = rounded<T>(w), rr = rounded<T>(residual);
  if (tf32) {
    for (float& v : rx) v = asTf32(v);
    for (float& v : rw) v = asTf32(v);
  }
  const bool withResidual = random.below(2);
  const std::vector<Clamp> clamps = {{-INFINITY, INFINITY}, {0, INFINITY}, {0, 20}};
  const Clamp clamp = clamps[random.below(3)];
  std::vector<double> expected;
  for (size_t i = 0; i < size; i++) {
    const int o = static_cast<int>(i % O), to = static_cast<int>(i / O % WO), fo = static_cast<int>(i / O / WO);
    double sum = bias[o] + (withResidual ? double(rr[i]) : 0);
    for (int k = 0; k < taps && owner[to] != GAP; k++) {
      const int f = fo * g.strideF + k / g.kernelT - (g.kernelF - 1) / 2;
      int t = to * g.strideT + k % g.kernelT * g.dilation - radius;
      if (g.mirror) {
        const Clip& clip = row.clips[owner[to]];
        const int first = clip.firstColumn / level, last = first + ceilDiv(clip.frames, level) - 1;
        t = t < first ? 2 * first - t : t > last ? 2 * last - t : t;
      }
      for (int c = 0; c < I && f >= 0 && f < F && t >= 0 && t < W; c++) {
        sum += double(rw[(k * I + c) * O + o]) * rx[(f * W + t) * I + c];
      }
    }
    expected.push_back(owner[to] == GAP ? 0 : std::fmin(std::fmax(sum, clamp.lowest), clamp.highest));
  }
  Image<T> in(x, I, I + 16, 8), res(residual, O, O + 8, 0);
  DeviceArray<T> weights(storage<T>(w));
  DeviceArray<float> b(bias);
  DeviceArray<int> columns(owner);
  DeviceArray<Clip> clips(row.clips);
  for (const Equals& equals : methods) {
    std::vector<float> first;
    for (const Run run : equals) {
      Image<T> out(size / O, O, O + 8, 8);
      run({in.view(), weights.data(), b.data(), withResidual ? res.view() : nullptr, columns.data(),
           g.mirror ? clips.data() : nullptr, out.view(), in.stride, res.stride, out.stride, F, W, I, FO, WO, O,
           g.kernelF, g.kernelT, g.strideF, g.strideT, g.dilation, level, clamp});
      const std::vector<float> actual = out.packed("conv");
      expectNear("conv", expected, actual, 2 * ABSOLUTE<T>, RELATIVE<T>);
      if (first.empty()) {
        first = actual;
      }
      expectSameBits("conv tiles", first, actual);
    }
  }
}
