#include "../stem_conv.cu"

#include "../cmn.cu"
#include "harness.h"

// Step 0: one thread per output, features from global memory. The shipped kernel keeps a tile of features and all
// weights in shared memory and computes 8 channels at a time.
extern "C" __global__ void stem_naive(StemParams p) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  const int c = static_cast<int>(i % p.C);
  const int t = static_cast<int>(i / p.C % p.W);
  const int f = static_cast<int>(i / p.C / p.W);
  if (f >= p.F) {
    return;
  }
  float sum = p.bias[c];
  for (int kf = 0; kf < 3; kf++) {
    for (int kt = 0; kt < 3; kt++) {
      const int x = t + kt - 1, y = f + kf - 1;
      if (x >= 0 && x < p.W && y >= 0 && y < p.F) {
        sum = fmaf(p.weights[(kf * 3 + kt) * p.C + c], p.features[x * p.F + y], sum);
      }
    }
  }
  const float v = p.columnClip[t] == GAP ? 0.0f : clamped(sum, p.clamp);
  static_cast<float*>(p.y)[(static_cast<long long>(f) * p.W + t) * p.yStride + c] = v;
}

template <typename T>
void checkStem(unsigned seed) {
  constexpr bool f32 = std::is_same_v<T, float>;
  Random random(seed);
  const int F = random.oneOf({1, 17, 80}), C = random.oneOf({8, 32, 40});
  const PackedRow row = PackedRow::of({3, random.oneOf({1, 16, 33}), 9}, random.below(2));
  const std::vector<int> owner = row.columnClip(1);
  const int W = row.W;
  std::vector<float> x = random.floats(static_cast<size_t>(W) * F, -4, 4);
  for (int i = 0; i < W * F; i++) {
    x[i] = owner[i / F] == GAP ? 0 : x[i];
  }
  const std::vector<float> w = random.floats(9 * C), bias = random.floats(C);
  std::vector<double> expected;
  for (int f = 0; f < F; f++) {
    for (int t = 0; t < W; t++) {
      for (int c = 0; c < C; c++) {
        double sum = bias[c];
        for (int k = 0; k < 9; k++) {
          const int from = t + k % 3 - 1, mel = f + k / 3 - 1;
          sum += from < 0 || from >= W || mel < 0 || mel >= F ? 0 : double(w[k * C + c]) * x[from * F + mel];
        }
        expected.push_back(owner[t] == GAP ? 0 : std::fmax(sum, 0));
      }
    }
  }
  DeviceArray<float> features(x), weights(w), b(bias);
  DeviceArray<int> columns(owner);
  Image<T> y(static_cast<size_t>(F) * W, C, C + 8, random.oneOf({0, 8}));
  const StemParams p = {features.data(), nullptr, nullptr, weights.data(), b.data(), columns.data(), y.view(), y.stride, F, W, C,
                        {0, INFINITY}};
  const dim3 grid(ceilDiv(W, TILE), ceilDiv(F, TILE));
  const size_t shared = (HALO * HALO + 10 * C) * sizeof(float);
  if constexpr (f32) LAUNCH(stem_conv_f32, grid, 256, shared, p);
  else LAUNCH(stem_conv_f16, grid, 256, shared, p);
  expectNear("stem_conv", expected, y.packed("stem_conv"), ABSOLUTE<T>, RELATIVE<T>);
  if constexpr (f32) {
    Image<float> z(static_cast<size_t>(F) * W, C, C, 0);
    StemParams q = p;
    q.y = z.view();
    q.yStride = z.stride;
    LAUNCH(stem_naive, dim3(ceilDiv(static_cast<long long>(F) * W * C, 256)), 256, 0, q);
    expectNear("stem_naive", expected, z.packed("stem_naive"), ABSOLUTE<T>, RELATIVE<T>);
  }
}

// Step 1: the mean subtracted by its own kernel before the stem. Step 2: by the stem, which must give the bits of 1.
template <typename T>
void checkNormalisation(unsigned seed) {
  Random random(seed);
  const int F = random.oneOf({1, 17, 80}), C = random.oneOf({8, 24});
  const PackedRow row = PackedRow::of({3, random.oneOf({1, 16, 33}), 9}, random.below(2));
  const std::vector<int> owner = row.columnClip(1);
  std::vector<float> x = random.floats(static_cast<size_t>(row.W) * F, -16, 5);
  std::vector<FixedSum> sums(row.clips.size() * F);
  for (int i = 0; i < row.W * F; i++) {
    if (owner[i / F] == GAP) {
      x[i] = 0;
    } else {
      sums[owner[i / F] * F + i % F] += toFixed(x[i]);
    }
  }
  DeviceArray<float> raw(x), normalised(x), weights(random.floats(9 * C)), bias(random.floats(C));
  DeviceArray<int> columns(owner);
  DeviceArray<Clip> clips(row.clips);
  DeviceArray<FixedSum> total(sums);
  LAUNCH(cmn, dim3(static_cast<unsigned>(row.clips.size())), dim3(F, 8), 8 * F * sizeof(FixedSum), clips.data(),
         normalised.data());
  Image<T> apart(static_cast<size_t>(F) * row.W, C, C, 0), fused(static_cast<size_t>(F) * row.W, C, C, 0);
  const auto launch = [&](float* features, FixedSum* clipSums, Image<T>& y) {
    const StemParams p = {features, clips.data(), clipSums, weights.data(), bias.data(), columns.data(), y.view(), y.stride,
                          F, row.W, C, {0, INFINITY}};
    const dim3 grid(ceilDiv(row.W, TILE), ceilDiv(F, TILE));
    const size_t shared = (HALO * HALO + 10 * C) * sizeof(float);
    if constexpr (std::is_same_v<T, float>) LAUNCH(stem_conv_f32, grid, 256, shared, p);
    else LAUNCH(stem_conv_f16, grid, 256, shared, p);
  };
  launch(normalised.data(), nullptr, apart);
  launch(raw.data(), total.data(), fused);
  expectSameBits("stem with the mean", apart.packed("apart"), fused.packed("fused"));
}

int main() {
  for (unsigned seed = 0; seed < 8; seed++) {
    checkStem<float>(seed);
    checkStem<__half>(seed);
    checkNormalisation<float>(seed);
    checkNormalisation<__half>(seed);
  }
  puts("stem_conv: ok");
}
