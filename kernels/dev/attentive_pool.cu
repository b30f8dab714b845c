#include "../attentive_pool.cu"

#include "harness.h"

constexpr int SLICES = 8;

struct Weights {
  std::vector<float> hidden, hiddenBias, score, scoreBias;  // (F, C, H), (H), (H, F, C), (F, C)
};

// Step 0: one thread per row of a clip, three walks over time (maximum, sum, moments). The shipped kernel walks once.
extern "C" __global__ void attentive_statistics_naive(AttentiveStatisticsParams p) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const int n = blockIdx.y;
  if (i >= p.F * p.C) {
    return;
  }
  const int f = i / p.C, c = i % p.C;
  const Columns columns = columnsAt(p.clips[n], p.timeStride);
  const auto score = [&](int t) {
    float s = p.bias[i];
    for (int h = 0; h < p.H; h++) {
      s += p.weights[(h * p.F + f) * p.C + c] * p.hidden[(columns.first + t) * p.H + h];
    }
    return s;
  };
  float maximum = score(0);
  for (int t = 1; t < columns.count; t++) {
    maximum = fmaxf(maximum, score(t));
  }
  const float* x = static_cast<const float*>(p.x) + (static_cast<long long>(f) * p.W + columns.first) * p.xStride + c;
  float weight = 0, mean = 0, square = 0;
  for (int t = 0; t < columns.count; t++) {
    const float e = expf(score(t) - maximum), v = x[static_cast<long long>(t) * p.xStride];
    weight += e;
    mean += e * v;
    square += e * v * v;
  }
  mean /= weight;
  const float variance = square / weight - mean * mean;
  float* out = p.out + static_cast<long long>(n) * 2 * p.C * p.F;
  out[c * p.F + f] = mean;
  out[p.C * p.F + c * p.F + f] = sqrtf(fmaxf(variance, p.floor));
}

template <typename T>
std::vector<float> pooled(const PackedRow& row, Image<T>& x, const Weights& w, int F, int C, int H, int level,
                          bool naive = false) {
  constexpr bool f32 = std::is_same_v<T, float>;
  const std::vector<int> owner = row.columnClip(level);
  const int W = static_cast<int>(owner.size()), N = static_cast<int>(row.clips.size());
  DeviceArray<Clip> clips(row.clips);
  DeviceArray<int> columns(owner);
  DeviceArray<float> w1(w.hidden), b1(w.hiddenBias), w2(w.score), b2(w.scoreBias);
  DeviceArray<float> partial(static_cast<size_t>(F) * W * H), hidden(static_cast<size_t>(W) * H);
  DeviceArray<float> out(static_cast<size_t>(N) * 2 * C * F);
  const AttentivePartialParams p = {x.view(), w1.data(), columns.data(), partial.data(), x.stride, F, W, C, H};
  const size_t columnBytes = COLUMNS * ((C + 7) / 8 * 8) * sizeof(float);
  if constexpr (f32) LAUNCH(attentive_partial_f32, dim3(ceilDiv(W, COLUMNS), F), H, columnBytes, p);
  else LAUNCH(attentive_partial_f16, dim3(ceilDiv(W, COLUMNS), F), H, columnBytes, p);
  partial.download("partial");
  LAUNCH(attentive_hidden, ceilDiv(W * H, 128), 128, 0, partial.data(), b1.data(), hidden.data(), F, W, H);
  hidden.download("hidden");
  const AttentiveStatisticsParams q = {clips.data(), x.view(), hidden.data(), w2.data(), b2.data(), out.data(),
                                       x.stride, F, W, C, H, level, 1e-10f};
  if (naive) {
    if constexpr (f32) LAUNCH(attentive_statistics_naive, dim3(ceilDiv(F * C, 128), N), 128, 0, q);
  } else {
    const size_t shared = std::max(WARP * H * sizeof(float), SLICES * WARP * sizeof(Moments));
    const dim3 grid(ceilDiv(C, WARP), F, N), block(WARP, SLICES);
    if constexpr (f32) LAUNCH(attentive_statistics_f32, grid, block, shared, q);
    else LAUNCH(attentive_statistics_f16, grid, block, shared, q);
  }
  return out.download("attentive_statistics");
}

template <typename T>
void checkAttentive(unsigned seed) {
  Random random(seed);
  const int F = random.oneOf({1, 3}), C = random.oneOf({8, 13, 40}), padded = (C + 7) / 8 * 8;
  const int H = random.oneOf({4, 32, 128}), level = random.oneOf({1, 2, 8});
  const PackedRow row = PackedRow::of({1, random.oneOf({9, 33, 127}), 31}, random.below(2));
  const std::vector<int> owner = row.columnClip(level);
  const int W = static_cast<int>(owner.size());
  std::vector<float> x = random.floats(static_cast<size_t>(F) * W * padded, 0, 6);
  for (size_t i = 0; i < x.size(); i++) {
    if (owner[i / padded % W] == GAP || static_cast<int>(i % padded) >= C) {
      x[i] = 0;
    }
  }
  // Scores with a spread of tens: some frames get all the weight.
  const Weights w = {random.floats(F * C * H, -0.1f, 0.1f), random.floats(H), random.floats(H * F * C, -1.5f, 1.5f),
                     random.floats(F * C)};
  const std::vector<float> r = rounded<T>(x);
  const auto at = [&](int f, int t, int c) { return double(r[(static_cast<size_t>(f) * W + t) * padded + c]); };
  std::vector<double> expected;
  for (const Clip& clip : row.clips) {
    const int first = clip.firstColumn / level, n = ceilDiv(clip.frames, level);
    std::vector<double> hidden;
    for (int t = 0; t < n; t++) {
      for (int h = 0; h < H; h++) {
        double sum = w.hiddenBias[h];
        for (int i = 0; i < F * C; i++) {
          sum += w.hidden[i * H + h] * at(i / C, first + t, i % C);
        }
        hidden.push_back(tanh(sum));
      }
    }
    std::vector<double> means, stds;
    for (int c = 0; c < C; c++) {
      for (int f = 0; f < F; f++) {
        std::vector<double> score(n);
        double maximum = -1e300, weight = 0, mean = 0, variance = 0;
        for (int t = 0; t < n; t++) {
          score[t] = w.scoreBias[f * C + c];
          for (int h = 0; h < H; h++) {
            score[t] += w.score[(h * F + f) * C + c] * hidden[t * H + h];
          }
          maximum = std::fmax(maximum, score[t]);
        }
        for (int t = 0; t < n; t++) {
          weight += exp(score[t] - maximum);
          mean += exp(score[t] - maximum) * at(f, first + t, c);
        }
        mean /= weight;
        for (int t = 0; t < n; t++) {
          variance += exp(score[t] - maximum) / weight * pow(at(f, first + t, c) - mean, 2);
        }
        means.push_back(mean);
        stds.push_back(sqrt(std::fmax(variance, 1e-10)));
      }
    }
    expected.insert(expected.end(), means.begin(), means.end());
    expected.insert(expected.end(), stds.begin(), stds.end());
  }
  Image<T> image(x, padded, padded + 8, 8);
  const std::vector<float> actual = pooled(row, image, w, F, C, H, level);
  // Where one frame has nearly all weight the variance is a difference of near equals: sqrt turns 1e-7 into 3e-4.
  expectNear("attentive_pool", expected, actual, 1e-3, 2e-4);
  if constexpr (std::is_same_v<T, float>) {
    expectNear("attentive_pool naive", expected, pooled(row, image, w, F, C, H, level, true), 4e-3, 2e-4);
  }

  const Clip& clip = row.clips[1];
  const PackedRow single = PackedRow::of({clip.frames});
  const int alone = single.W / level;
  std::vector<float> y(static_cast<size_t>(F) * alone * padded);
  for (int f = 0; f < F; f++) {
    for (int t = 0; t < ceilDiv(clip.frames, level); t++) {
      memcpy(&y[(static_cast<size_t>(f) * alone + t) * padded],
             &x[(static_cast<size_t>(f) * W + clip.firstColumn / level + t) * padded], padded * sizeof(float));
    }
  }
  Image<T> small(y, padded, padded, 0);
  const size_t size = static_cast<size_t>(2) * C * F;
  expectSameBits("attentive_pool", {actual.begin() + size, actual.begin() + 2 * size},
                 pooled(single, small, w, F, C, H, level));
}

int main() {
  for (unsigned seed = 0; seed < 8; seed++) {
    checkAttentive<float>(seed);
    checkAttentive<__half>(seed);
  }
  puts("attentive_pool: ok");
}
