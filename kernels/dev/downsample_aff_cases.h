// What the checks of the fused downsample share: random layers, their CPU version, and the ladder. Included behind the kernels.
//
// Step 0 is the naive kernel here: one block for each output position, a thread for each channel, nothing read twice is kept.
// Step 1 is the two separate kernels, which have their own checks. Step 2 is the fused kernel, which must give the bits of 1.
#pragma once

#include "fragments.h"
#include "harness.h"

// Weights are row-major here.
template <typename T>
__device__ void naive(const DownsampleAffParams& p) {
  DYNAMIC_SHARED(float, values);  // x and y (2C), s (R)
  float* s = values + 2 * p.C;
  const int fo = blockIdx.y, to = blockIdx.x, c = threadIdx.x;
  const long long at = static_cast<long long>(fo) * p.WO + to;
  const T *weights = static_cast<const T*>(p.weights), *squeeze = static_cast<const T*>(p.squeeze);
  float sum = p.bias[c];
  for (int k = 0; k < 9; k++) {
    const int f = 2 * fo - 1 + k / 3, t = 2 * to - 1 + k % 3;
    for (int i = 0; i < p.I && f >= 0 && f < p.F && t >= 0 && t < p.W; i++) {
      sum += toFloat(weights[(k * p.I + i) * p.C + c]) *
             toFloat(static_cast<const T*>(p.in)[(static_cast<long long>(f) * p.W + t) * p.inStride + i]);
    }
  }
  values[c] = toFloat(static_cast<const T*>(p.x)[at * p.xStride + c]);
  values[p.C + c] = clamped(sum, p.clamp);
  __syncthreads();
  for (int r = c; r < p.R; r += p.C) {
    float squeezed = p.squeezeBias[r];
    for (int k = 0; k < 2 * p.C; k++) {
      squeezed += toFloat(squeeze[k * p.R + r]) * values[k];
    }
    s[r] = silu(squeezed);
  }
  __syncthreads();
  float gate = p.expandBias[c];
  for (int r = 0; r < p.R; r++) {
    gate += toFloat(static_cast<const T*>(p.expand)[r * p.C + c]) * s[r];
  }
  store(static_cast<T*>(p.out) + at * p.outStride + c,
        p.columnClip[to] == GAP ? 0.0f : blended(values[c], values[p.C + c], gate));
}
extern "C" __global__ void downsample_aff_naive_f32(DownsampleAffParams p) { naive<float>(p); }
extern "C" __global__ void downsample_aff_naive_f16(DownsampleAffParams p) { naive<__half>(p); }

using Kernel = void (*)(const DownsampleAffParams&, size_t shared);
// The same by the separate kernels; y (FO, WO, C) takes what lies between them.
template <typename T>
using Separate = void (*)(const DownsampleAffParams&, T* y);
// Weights (K, N) in the order that the kernels read.
using Packing = std::vector<float> (*)(const std::vector<float>&, int K, int N);

inline dim3 tileGrid(const DownsampleAffParams& p) {
  return dim3(ceilDiv(p.WO, DOWNSAMPLE_COLUMNS), ceilDiv(p.FO, p.tileF));
}

constexpr size_t MAX_SHARED = 99 << 10;  // of a block on the smallest cards but Turing

template <typename T>
void checkDownsampleAff(unsigned seed, int unit, double absolute, Separate<T> separate, Kernel fused, Packing packing) {
  Random random(seed);
  const int I = unit * random.oneOf({1, 2, 3}), C = 2 * unit * random.oneOf({1, 2}), R = random.oneOf({16, 32});
  const int F = random.oneOf({1, 2, 5, 9, 18}), level = random.oneOf({1, 2});
  const PackedRow row = PackedRow::of({9, random.oneOf({1, 16, 31}), 3}, random.below(2));
  const std::vector<int> inOwner = row.columnClip(level), owner = row.columnClip(2 * level);
  const int W = static_cast<int>(inOwner.size()), WO = static_cast<int>(owner.size()), FO = ceilDiv(F, 2);
  const size_t size = static_cast<size_t>(FO) * WO * C;
  std::vector<float> input = random.floats(static_cast<size_t>(F) * W * I, -2, 2), x = random.floats(size, 0, 4);
  for (size_t i = 0; i < input.size(); i++) {
    input[i] = inOwner[i / I % W] == GAP ? 0 : input[i];
  }
  for (size_t i = 0; i < size; i++) {
    x[i] = owner[i / C % WO] == GAP ? 0 : x[i];
  }
  const std::vector<float> w = random.floats(static_cast<size_t>(9) * I * C, -0.2f, 0.2f), bias = random.floats(C);
  const std::vector<float> squeeze = random.floats(2 * C * R, -0.1f, 0.1f), expand = random.floats(R * C, -0.3f, 0.3f);
  const std::vector<float> squeezeBias = random.floats(R), expandBias = random.floats(C);
  const Clamp clamp = random.below(2) ? Clamp{-INFINITY, INFINITY} : Clamp{0, 20};

  const std::vector<float> rin = rounded<T>(input), rx = rounded<T>(x), rw = rounded<T>(w);
  const std::vector<float> rs = rounded<T>(squeeze), re = rounded<T>(expand);
  std::vector<double> expected;
  for (int at = 0; at < FO * WO; at++) {
    const int fo = at / WO, to = at % WO;
    std::vector<double> xy(2 * C), s(R);
    for (int c = 0; c < C; c++) {
      double sum = bias[c];
      for (int k = 0; k < 9; k++) {
        const int f = 2 * fo - 1 + k / 3, t = 2 * to - 1 + k % 3;
        for (int i = 0; i < I && f >= 0 && f < F && t >= 0 && t < W; i++) {
          sum += double(rw[(k * I + i) * C + c]) * rin[(f * W + t) * I + i];
        }
      }
      xy[c] = rx[at * C + c];
      xy[C + c] = std::fmin(std::fmax(sum, clamp.lowest), clamp.highest);
    }
    for (int r = 0; r < R; r++) {
      double sum = squeezeBias[r];
      for (int k = 0; k < 2 * C; k++) {
        sum += rs[k * R + r] * xy[k];
      }
      s[r] = sum / (1 + exp(-sum));
    }
    for (int c = 0; c < C; c++) {
      double gate = expandBias[c];
      for (int r = 0; r < R; r++) {
        gate += re[r * C + c] * s[r];
      }
      const double a = tanh(gate);
      expected.push_back(owner[to] == GAP ? 0 : xy[c] * (1 + a) + xy[C + c] * (1 - a));
    }
  }

  Image<T> in(input, I, I + 16, 8), xs(x, C, C + 16, 0), y(size / C, C, C, 0);
  DeviceArray<T> rowMajor(storage<T>(w)), rowMajorSqueeze(storage<T>(squeeze)), rowMajorExpand(storage<T>(expand));
  DeviceArray<T> packed(storage<T>(packing(w, 9 * I, C)));
  DeviceArray<T> packedSqueeze(storage<T>(packing(squeeze, 2 * C, R))), packedExpand(storage<T>(packing(expand, R, C)));
  DeviceArray<float> b(bias), b1(squeezeBias), b2(expandBias);
  DeviceArray<int> columns(owner);
  const auto params = [&](Image<T>& out, bool inPackedOrder, int tileF) -> DownsampleAffParams {
    return {in.view(), inPackedOrder ? packed.data() : rowMajor.data(), b.data(), xs.view(),
            inPackedOrder ? packedSqueeze.data() : rowMajorSqueeze.data(), b1.data(),
            inPackedOrder ? packedExpand.data() : rowMajorExpand.data(), b2.data(), columns.data(), out.view(),
            in.stride, xs.stride, out.stride, F, W, I, FO, WO, C, R, tileF, clamp};
  };
  Image<T> naively(size / C, C, C, 0);
  const size_t naiveShared = (2 * C + R) * sizeof(float);
  if constexpr (std::is_same_v<T, float>) LAUNCH(downsample_aff_naive_f32, dim3(WO, FO), C, naiveShared, params(naively, false, 0));
  else LAUNCH(downsample_aff_naive_f16, dim3(WO, FO), C, naiveShared, params(naively, false, 0));
  expectNear("naive", expected, naively.packed("naive"), 2 * ABSOLUTE<T>, RELATIVE<T>);

  Image<T> apart(size / C, C, C + 8, 8);
  DownsampleAffParams separately = params(apart, true, 0);
  // The convolution kernels read row-major weights.
  separately.weights = rowMajor.data();
  separate(separately, y.view());
  const std::vector<float> bits = apart.packed("separate");
  expectNear("separate", expected, bits, absolute, RELATIVE<__half>);
  for (const int tileF : {8, 4, 2}) {
    Image<T> out(size / C, C, C + 8, 8);
    const size_t pad = 16 / sizeof(T), pixels = tileF * DOWNSAMPLE_COLUMNS;
    const size_t halo = (2 * tileF + 1) * (2 * DOWNSAMPLE_COLUMNS + 1) * (I + pad);
    const size_t shared = (pixels * (2 * C + pad) + std::max(halo, pixels * (R + pad))) * sizeof(T);
    if (shared <= MAX_SHARED) {
      fused(params(out, true, tileF), shared);
      expectSameBits("fused", bits, out.packed("fused"));
    }
  }
}
