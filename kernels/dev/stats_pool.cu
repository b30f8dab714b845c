#include "../stats_pool.cu"

#include "harness.h"

// Step 0: one thread per (channel, frequency) of a clip. The shipped kernel reads octets and splits time into slices.
extern "C" __global__ void stats_pool_naive(StatsPoolParams p) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const int n = blockIdx.y;
  if (i >= p.C * p.F) {
    return;
  }
  const int c = i % p.C, f = i / p.C;
  const Columns columns = columnsAt(p.clips[n], p.timeStride);
  const float* x = static_cast<const float*>(p.x) + (static_cast<long long>(f) * p.W + columns.first) * p.xStride + c;
  float mean = 0, squares = 0;
  for (int t = 0; t < columns.count; t++) {
    mean += x[static_cast<long long>(t) * p.xStride];
  }
  mean /= columns.count;
  for (int t = 0; t < columns.count; t++) {
    const float d = x[static_cast<long long>(t) * p.xStride] - mean;
    squares += d * d;
  }
  float* out = p.out + static_cast<long long>(n) * (p.takeMean + p.takeStd) * p.C * p.F;
  if (p.takeMean) {
    out[c * p.F + f] = mean;
  }
  if (p.takeStd) {
    out[p.takeMean * p.C * p.F + c * p.F + f] = sqrtf(squares / (columns.count - 1) + 1e-8f);
  }
}

constexpr int SLICES = 8;

template <typename T>
std::vector<float> pooled(const PackedRow& row, Image<T>& x, int F, int W, int C, int level, int mean, int std) {
  DeviceArray<Clip> clips(row.clips);
  const int N = static_cast<int>(row.clips.size());
  DeviceArray<float> out(static_cast<size_t>(N) * (mean + std) * C * F);
  const StatsPoolParams p = {clips.data(), x.view(), out.data(), x.stride, F, W, C, level, mean, std, 1, 1e-8f, 0};
  const int all = ceilDiv(C, 8), octets = all < 32 ? all : 32;
  const dim3 grid(ceilDiv(all, octets), F, N), block(octets, SLICES);
  const size_t shared = SLICES * octets * 8 * sizeof(float);
  if constexpr (std::is_same_v<T, float>) LAUNCH(stats_pool_f32, grid, block, shared, p);
  else LAUNCH(stats_pool_f16, grid, block, shared, p);
  return out.download("stats_pool");
}

template <typename T>
void checkStats(unsigned seed) {
  Random random(seed);
  const int F = random.oneOf({1, 3, 10}), C = random.oneOf({8, 13, 26, 264}), padded = (C + 7) / 8 * 8;
  const int level = random.oneOf({1, 2, 8});
  const int mean = seed % 3 != 1, std = seed % 3 != 2;
  const PackedRow row = PackedRow::of({9 * level, random.oneOf({17, 33, 127, 300}), 31}, random.below(3));
  const std::vector<int> owner = row.columnClip(level);
  const int W = static_cast<int>(owner.size());
  // A large mean with a small spread, where one-pass formulas fail; padded channels are zero.
  std::vector<float> x = random.floats(static_cast<size_t>(F) * W * padded, 17.0f, 17.5f);
  for (size_t i = 0; i < x.size(); i++) {
    if (owner[i / padded % W] == GAP || static_cast<int>(i % padded) >= C) {
      x[i] = 0;
    }
  }
  const std::vector<float> r = rounded<T>(x);
  std::vector<double> expected;
  for (const Clip& clip : row.clips) {
    const int first = clip.firstColumn / level, n = ceilDiv(clip.frames, level);
    std::vector<double> means, stds;
    for (int c = 0; c < C; c++) {
      for (int f = 0; f < F; f++) {
        double m = 0, v = 0;
        for (int t = 0; t < n; t++) {
          m += r[(static_cast<size_t>(f) * W + first + t) * padded + c] / double(n);
        }
        for (int t = 0; t < n; t++) {
          const double d = r[(static_cast<size_t>(f) * W + first + t) * padded + c] - m;
          v += d * d / (n - 1);
        }
        means.push_back(m);
        stds.push_back(sqrt(v + 1e-8));
      }
    }
    if (mean) expected.insert(expected.end(), means.begin(), means.end());
    if (std) expected.insert(expected.end(), stds.begin(), stds.end());
  }
  Image<T> image(x, padded, padded + 8, 8);
  const std::vector<float> actual = pooled(row, image, F, W, C, level, mean, std);
  expectNear("stats_pool", expected, actual, 2e-6, 2e-6);

  if constexpr (std::is_same_v<T, float>) {
    DeviceArray<Clip> clips(row.clips);
    DeviceArray<float> out(expected.size());
    const StatsPoolParams p = {clips.data(), image.view(), out.data(), image.stride, F, W, C, level, mean, std, 1, 1e-8f, 0};
    LAUNCH(stats_pool_naive, dim3(ceilDiv(C * F, 128), 3), 128, 0, p);
    expectNear("stats_pool_naive", expected, out.download("stats_pool_naive"), 2e-4, 2e-5);
  }

  // The second clip alone: same bits.
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
  const size_t size = static_cast<size_t>(mean + std) * C * F;
  expectSameBits("stats_pool", {actual.begin() + size, actual.begin() + 2 * size},
                 pooled(single, small, F, alone, C, level, mean, std));
}

int main() {
  for (unsigned seed = 0; seed < 12; seed++) {
    checkStats<float>(seed);
    checkStats<__half>(seed);
  }
  puts("stats_pool: ok");
}
