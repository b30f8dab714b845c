#include "../linear.cu"

#include "harness.h"

// Step 0: one thread per output. The shipped kernel gives each output a block and reads its weights once for 4 clips.
extern "C" __global__ void linear_naive(LinearParams p) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= p.N * p.O) {
    return;
  }
  const int n = i / p.O, o = i % p.O;
  float sum = p.bias[o];
  for (int k = 0; k < p.I; k++) {
    sum = fmaf(static_cast<const float*>(p.weights)[static_cast<long long>(o) * p.I + k], p.x[n * p.I + k], sum);
  }
  p.out[i] = clamped(sum, p.clamp);
}

template <typename T>
void checkLinear(unsigned seed) {
  Random random(seed);
  const int N = random.oneOf({1, 2, 4, 5, 9}), I = random.oneOf({1, 31, 128, 1021, 2560}), O = random.oneOf({1, 33, 64});
  const std::vector<float> x = random.floats(static_cast<size_t>(N) * I), w = random.floats(static_cast<size_t>(O) * I);
  const std::vector<float> bias = random.floats(O), rw = rounded<T>(w);
  const Clamp clamp = {seed % 2 ? 0 : -INFINITY, INFINITY};
  std::vector<double> expected;
  for (int n = 0; n < N; n++) {
    for (int o = 0; o < O; o++) {
      double sum = bias[o];
      for (int i = 0; i < I; i++) {
        sum += double(rw[o * I + i]) * x[n * I + i];
      }
      expected.push_back(std::fmax(sum, clamp.lowest));
    }
  }
  DeviceArray<T> weights(storage<T>(w));
  DeviceArray<float> in(x), b(bias);
  const auto run = [&](const float* from, int n) {
    DeviceArray<float> out(static_cast<size_t>(n) * O);
    const LinearParams p = {from, weights.data(), b.data(), out.data(), n, I, O, clamp};
    const dim3 grid(O, ceilDiv(n, CLIPS));
    if constexpr (std::is_same_v<T, float>) LAUNCH(linear_f32, grid, THREADS, THREADS / WARP * sizeof(float), p);
    else LAUNCH(linear_f16, grid, THREADS, THREADS / WARP * sizeof(float), p);
    return out.download("linear");
  };
  const std::vector<float> all = run(in.data(), N);
  expectNear("linear", expected, all, 1e-4, 1e-5);
  const int last = N - 1;
  expectSameBits("linear", {all.begin() + last * O, all.end()}, run(in.data() + last * I, 1));
  if constexpr (std::is_same_v<T, float>) {
    DeviceArray<float> out(static_cast<size_t>(N) * O);
    LAUNCH(linear_naive, dim3(ceilDiv(N * O, 128)), 128, 0,
           (LinearParams{in.data(), weights.data(), b.data(), out.data(), N, I, O, clamp}));
    expectNear("linear_naive", expected, out.download("linear_naive"), 5e-4, 1e-5);
  }
}

int main() {
  for (unsigned seed = 0; seed < 16; seed++) {
    checkLinear<float>(seed);
    checkLinear<__half>(seed);
  }
  puts("linear: ok");
}
