#include "../aff.cu"

#include "harness.h"

// Step 0: one thread per pixel and channel; every thread computes the whole inner layer again.
extern "C" __global__ void aff_naive(AffParams p) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const int c = i % p.C, pixel = i / p.C;
  if (pixel >= p.P) {
    return;
  }
  const float* x = static_cast<const float*>(p.x) + static_cast<long long>(pixel) * p.xStride;
  const float* y = static_cast<const float*>(p.y) + static_cast<long long>(pixel) * p.yStride;
  const float* squeeze = static_cast<const float*>(p.squeeze);
  float gate = p.expandBias[c];
  for (int r = 0; r < p.R; r++) {
    float s = p.squeezeBias[r];
    for (int k = 0; k < p.C; k++) {
      s += squeeze[k * p.R + r] * x[k] + squeeze[(p.C + k) * p.R + r] * y[k];
    }
    gate += static_cast<const float*>(p.expand)[r * p.C + c] * silu(s);
  }
  const float a = tanhf(gate);
  static_cast<float*>(p.out)[static_cast<long long>(pixel) * p.outStride + c] =
      p.columnClip[pixel % p.W] == GAP ? 0 : x[c] * (1 + a) + y[c] * (1 - a);
}

template <typename T>
void checkAff(unsigned seed) {
  constexpr bool f32 = std::is_same_v<T, float>;
  Random random(seed);
  const int F = random.oneOf({1, 3}), C = random.oneOf({8, 16, 24, 64, 104}), R = random.oneOf({C / 4, C / 4 + 1, 1, 7});
  const PackedRow row = PackedRow::of({9, random.oneOf({1, 16, 31})}, random.below(2));
  const int level = random.oneOf({1, 4});
  const std::vector<int> owner = row.columnClip(level);
  const int W = static_cast<int>(owner.size()), P = F * W;
  const size_t size = static_cast<size_t>(P) * C;
  std::vector<float> x = random.floats(size, 0, 4), y = random.floats(size, -4, 4);
  for (size_t i = 0; i < size; i++) {
    if (owner[i / C % W] == GAP) {
      x[i] = y[i] = 0;
    }
  }
  const std::vector<float> squeeze = random.floats(2 * C * R, -0.3f, 0.3f), expand = random.floats(R * C, -0.3f, 0.3f);
  const std::vector<float> squeezeBias = random.floats(R), expandBias = random.floats(C);
  const std::vector<float> rx = rounded<T>(x), ry = rounded<T>(y);

  std::vector<double> gates, expected;
  std::vector<float> inner, beforeSilu;
  for (int p = 0; p < P; p++) {
    std::vector<double> s(R);
    for (int r = 0; r < R; r++) {
      double sum = 0;
      for (int k = 0; k < C; k++) {
        sum += double(squeeze[k * R + r]) * rx[p * C + k] + double(squeeze[(C + k) * R + r]) * ry[p * C + k];
      }
      beforeSilu.push_back(static_cast<float>(sum));
      sum += squeezeBias[r];
      s[r] = sum / (1 + exp(-sum));
    }
    for (int c = 0; c < C; c++) {
      double gate = 0;
      for (int r = 0; r < R; r++) {
        gate += expand[r * C + c] * s[r];
      }
      gates.push_back(gate);
      const double a = tanh(gate + expandBias[c]);
      expected.push_back(owner[p % W] == GAP ? 0 : rx[p * C + c] * (1 + a) + ry[p * C + c] * (1 - a));
    }
  }

  Image<T> xs(x, C, C + 8, 8), ys(y, C, C, 0), out(P, C, 2 * C, C);
  DeviceArray<float> w1(squeeze), b1(squeezeBias), w2(expand), b2(expandBias);
  DeviceArray<int> columns(owner);
  AffParams p = {xs.view(), ys.view(), w1.data(), b1.data(), w2.data(), b2.data(), columns.data(), out.view(),
                 xs.stride, ys.stride, out.stride, P, W, C, R, 0};
  std::vector<float> first;
  for (const int tile : {4, 16, 32}) {
    p.tile = tile;
    const size_t shared = tile * (2 * C + PAD + SLICES * ((R + 3) / 4 * 4 + PAD)) * sizeof(float);
    if constexpr (f32) LAUNCH(aff_f32, ceilDiv(P, tile), 256, shared, p);
    else LAUNCH(aff_f16, ceilDiv(P, tile), 256, shared, p);
    const std::vector<float> actual = out.packed("aff");
    expectNear("aff", expected, actual, 2 * ABSOLUTE<T>, RELATIVE<T>);
    if (first.empty()) {
      first = actual;
    }
    expectSameBits("aff tiles", first, actual);
  }
  if constexpr (f32) {
    Image<T> naive(P, C, C, 0);
    p.out = naive.view();
    p.outStride = naive.stride;
    LAUNCH(aff_naive, ceilDiv(P * C, 128), 128, 0, p);
    expectNear("aff_naive", expected, naive.packed("aff_naive"), 2 * ABSOLUTE<T>, RELATIVE<T>);
  }

  // The pieces around library products.
  if (R % 8 == 0) {
    const std::vector<float> rs = rounded<T>(beforeSilu);
    DeviceArray<T> s(storage<T>(beforeSilu));
    const long long octets = static_cast<long long>(P) * R / 8;
    if constexpr (f32) LAUNCH(silu_f32, ceilDiv(octets, 256), 256, 0, s.data(), b1.data(), octets, R);
    else LAUNCH(silu_f16, ceilDiv(octets, 256), 256, 0, s.data(), b1.data(), octets, R);
    std::vector<double> activated;
    for (int i = 0; i < P * R; i++) {
      const double v = double(rs[i]) + squeezeBias[i % R];
      activated.push_back(v / (1 + exp(-v)));
    }
    std::vector<float> actual;
    for (const T v : s.download("silu")) {
      actual.push_back(toHost(v));
    }
    expectNear("silu", activated, actual, ABSOLUTE<T>, RELATIVE<T>);
  }
  const std::vector<float> gate(gates.begin(), gates.end()), rg = rounded<T>(gate);
  DeviceArray<T> g(storage<T>(gate));
  const GateBlendParams q = {g.data(), b2.data(), xs.view(), ys.view(), columns.data(), xs.view(),
                             xs.stride, ys.stride, xs.stride, P, W, C};
  if constexpr (f32) LAUNCH(gate_blend_f32, ceilDiv(size / 8, 256), 256, 0, q);
  else LAUNCH(gate_blend_f16, ceilDiv(size / 8, 256), 256, 0, q);
  for (size_t i = 0; i < size; i++) {
    const double a = tanh(double(rg[i]) + expandBias[i % C]);
    expected[i] = owner[i / C % W] == GAP ? 0 : rx[i] * (1 + a) + ry[i] * (1 - a);
  }
  expectNear("gate_blend", expected, xs.packed("gate_blend in place"), ABSOLUTE<T>, RELATIVE<T>);
}

int main() {
  for (unsigned seed = 0; seed < 16; seed++) {
    checkAff<float>(seed);
    checkAff<__half>(seed);
  }
  puts("aff, silu, gate_blend: ok");
}
