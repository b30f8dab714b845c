#include "../epilogue.cu"

#include "harness.h"

// Step 0: one thread per element. The shipped kernel moves 16 bytes per access.
template <typename T>
__device__ void naive(const EpilogueParams& p, int F) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  const long long pixel = i / p.C;
  const int c = static_cast<int>(i % p.C);
  if (pixel >= static_cast<long long>(F) * p.W) {
    return;
  }
  float v = 0;
  if (p.columnClip[pixel % p.W] != GAP) {
    v = toFloat(static_cast<const T*>(p.x)[pixel * p.xStride + c]) * (p.scale ? p.scale[c] : 1.0f) + (p.bias ? p.bias[c] : 0.0f);
    v += p.residual ? toFloat(static_cast<const T*>(p.residual)[pixel * p.residualStride + c]) : 0.0f;
    v = clamped(v, p.clamp);
  }
  store(static_cast<T*>(p.y) + pixel * p.yStride + c, v);
}
extern "C" __global__ void epilogue_naive_f32(EpilogueParams p, int F) { naive<float>(p, F); }
extern "C" __global__ void epilogue_naive_f16(EpilogueParams p, int F) { naive<__half>(p, F); }

template <typename T>
void checkEpilogue(unsigned seed) {
  constexpr bool f32 = std::is_same_v<T, float>;
  Random random(seed);
  const int F = random.oneOf({1, 3, 10});
  const int C = random.oneOf({8, 24, 32, 104});
  const PackedRow row = PackedRow::of({9, 31, random.oneOf({8, 33, 127})}, random.below(3));
  const int level = random.oneOf({1, 2, 4, 8});
  const std::vector<int> owner = row.columnClip(level);
  const int W = static_cast<int>(owner.size());
  const size_t size = static_cast<size_t>(F) * W * C;
  const bool withScale = random.below(2), withBias = random.below(2), withResidual = random.below(2), inPlace = random.below(2);
  const std::vector<Clamp> clamps = {{-INFINITY, INFINITY}, {0, INFINITY}, {0, 20}};
  const Clamp clamp = clamps[random.below(3)];

  const std::vector<float> x = random.floats(size, -30, 30), residual = random.floats(size, -5, 5);
  const std::vector<float> scale = random.floats(C), bias = random.floats(C);
  const std::vector<float> rx = rounded<T>(x), rr = rounded<T>(residual);
  std::vector<double> expected(size);
  for (size_t i = 0; i < size; i++) {
    const double v = double(rx[i]) * (withScale ? scale[i % C] : 1) + (withBias ? bias[i % C] : 0) + (withResidual ? rr[i] : 0);
    expected[i] = owner[i / C % W] == GAP ? 0 : std::fmin(std::fmax(v, clamp.lowest), clamp.highest);
  }

  for (const bool shipped : {false, true}) {
    Image<T> in(x, C, C + 8, 8), res(residual, C, C, 0), out(size / C, C, C + 16, 8);
    DeviceArray<float> a(scale), b(bias);
    DeviceArray<int> columns(owner);
    Image<T>& y = inPlace ? in : out;
    const EpilogueParams p = {in.view(),      withResidual ? res.view() : nullptr, withScale ? a.data() : nullptr,
                              withBias ? b.data() : nullptr, columns.data(), y.view(), in.stride, res.stride,
                              y.stride, W, C, clamp};
    if (shipped) {
      const dim3 grid(ceilDiv(W * C / 8, 256), F);
      if constexpr (f32) LAUNCH(epilogue_f32, grid, 256, 0, p);
      else LAUNCH(epilogue_f16, grid, 256, 0, p);
    } else {
      const dim3 grid(ceilDiv(size, 256));
      if constexpr (f32) LAUNCH(epilogue_naive_f32, grid, 256, 0, p, F);
      else LAUNCH(epilogue_naive_f16, grid, 256, 0, p, F);
    }
    expectNear("epilogue", expected, y.packed("epilogue"), ABSOLUTE<T>, RELATIVE<T>);
  }
}

template <typename T>
void checkViews(unsigned seed) {
  constexpr bool f32 = std::is_same_v<T, float>;
  Random random(seed);
  const int F = random.oneOf({1, 5}), C = random.oneOf({8, 16, 56}), W = random.oneOf({1, 33, 127});
  const size_t size = static_cast<size_t>(F) * W * C;
  const std::vector<float> a = random.floats(size, -9, 9), b = random.floats(size, -9, 9);
  const std::vector<float> ra = rounded<T>(a), rb = rounded<T>(b);
  Image<T> x(a, C, C + 24, 16), y(b, C, C, 0), sum(size / C, C, C + 8, 0), copy(size / C, C, C + 8, 8);
  const dim3 grid(ceilDiv(W * C / 8, 256), F);
  if constexpr (f32) {
    LAUNCH(add_views_f32, grid, 256, 0, x.view(), x.stride, y.view(), y.stride, sum.view(), sum.stride, W, C);
    LAUNCH(copy_view_f32, grid, 256, 0, x.view(), x.stride, copy.view(), copy.stride, W, C);
  } else {
    LAUNCH(add_views_f16, grid, 256, 0, x.view(), x.stride, y.view(), y.stride, sum.view(), sum.stride, W, C);
    LAUNCH(copy_view_f16, grid, 256, 0, x.view(), x.stride, copy.view(), copy.stride, W, C);
  }
  std::vector<double> expected(size);
  for (size_t i = 0; i < size; i++) {
    expected[i] = double(ra[i]) + rb[i];
  }
  expectNear("add_views", expected, sum.packed("add_views"), ABSOLUTE<T>, RELATIVE<T>);
  expectSameBits("copy_view", ra, copy.packed("copy_view"));
}

int main() {
  for (unsigned seed = 0; seed < 24; seed++) {
    checkEpilogue<float>(seed);
    checkEpilogue<__half>(seed);
    checkViews<float>(seed);
    checkViews<__half>(seed);
  }
  puts("epilogue, add_views, copy_view: ok");
}
