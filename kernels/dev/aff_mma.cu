#include "../aff_mma.cu"

#include "fragments.h"
#include "harness.h"

template <typename T>
void checkAff(unsigned seed) {
  constexpr bool f32 = std::is_same_v<T, float>;
  constexpr int DEPTH = Fragments<T>::DEPTH;
  Random random(seed);
  const int F = random.oneOf({1, 3}), C = random.oneOf({16, 32, 48, 112}), R = random.oneOf({16, 32});
  const PackedRow row = PackedRow::of({9, random.oneOf({1, 16, 31})}, random.below(2));
  const std::vector<int> owner = row.columnClip(random.oneOf({1, 4}));
  const int W = static_cast<int>(owner.size()), P = F * W;
  const size_t size = static_cast<size_t>(P) * C;
  std::vector<float> x = random.floats(size, 0, 4), y = random.floats(size, -4, 4);
  for (size_t i = 0; i < size; i++) {
    x[i] = owner[i / C % W] == GAP ? 0 : x[i];
    y[i] = owner[i / C % W] == GAP ? 0 : y[i];
  }
  const std::vector<float> squeeze = random.floats(2 * C * R, -0.1f, 0.1f), expand = random.floats(R * C, -0.3f, 0.3f);
  const std::vector<float> squeezeBias = random.floats(R), expandBias = random.floats(C);
  const std::vector<float> rx = rounded<T>(x), ry = rounded<T>(y);
  std::vector<double> expected;
  for (int p = 0; p < P; p++) {
    std::vector<float> s(R);
    for (int r = 0; r < R; r++) {
      double sum = squeezeBias[r];
      for (int k = 0; k < C; k++) {
        sum += double(factor<T>(squeeze[k * R + r])) * factor<T>(x[p * C + k]) +
               double(factor<T>(squeeze[(C + k) * R + r])) * factor<T>(y[p * C + k]);
      }
      s[r] = factor<T>(static_cast<float>(sum / (1 + exp(-sum))));
    }
    for (int c = 0; c < C; c++) {
      double gate = expandBias[c];
      for (int r = 0; r < R; r++) {
        gate += double(factor<T>(expand[r * C + c])) * s[r];
      }
      const double a = tanh(gate);
      expected.push_back(owner[p % W] == GAP ? 0 : rx[p * C + c] * (1 + a) + ry[p * C + c] * (1 - a));
    }
  }
  Image<T> xs(x, C, C + 8, 8), ys(y, C, C, 0);
  DeviceArray<T> w1(storage<T>(inFragments<DEPTH>(squeeze, 2 * C, R))), w2(storage<T>(inFragments<DEPTH>(expand, R, C)));
  DeviceArray<float> b1(squeezeBias), b2(expandBias);
  DeviceArray<int> columns(owner);
  std::vector<float> first;
  for (const int tile : {16, 32, 48}) {
    Image<T> out(P, C, 2 * C, C);
    const AffParams p = {xs.view(), ys.view(), w1.data(), b1.data(), w2.data(), b2.data(), columns.data(), out.view(),
                            xs.stride, ys.stride, out.stride, P, W, C, R, tile};
    const size_t shared = tile * ((2 * C + R) * sizeof(T) + 32);
    if constexpr (f32) LAUNCH(aff_mma_tf32, ceilDiv(P, tile), AFF_THREADS, shared, p);
    else LAUNCH(aff_mma_f16, ceilDiv(P, tile), AFF_THREADS, shared, p);
    const std::vector<float> actual = out.packed("aff_mma");
    // s may round the other way than in the CPU version: half a unit in the last of its 11 bits, through the second product.
    expectNear("aff_mma", expected, actual, 1e-2, RELATIVE<__half>);
    if (first.empty()) {
      first = actual;
    }
    expectSameBits("aff_mma tiles", first, actual);
  }
}

int main() {
  for (unsigned seed = 0; seed < 12; seed++) {
    checkAff<float>(seed);
    checkAff<__half>(seed);
  }
  puts("aff_mma: ok");
}
