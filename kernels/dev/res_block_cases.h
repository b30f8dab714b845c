// What the checks of the residual block kernels share: random blocks, and the same by separate convolutions, which have their
// own checks. Included behind the kernels and the convolution that they must agree with bit by bit.
//
// Steps 0 to 5 are those of conv_cases.h. Step 6 is the fused block, which must give the bits of separate kernels.
#pragma once

#include "harness.h"

// A convolution by the separate kernel.
using Run = void (*)(const ConvParams&);
// Attentional fusion of `before` and `own` by the separate kernel; the matrices in the order that it reads.
template <typename T>
using Fuse = std::vector<float> (*)(const std::vector<float>& before, const std::vector<float>& own, const std::vector<int>& owner,
                                    int C, int R, T* squeeze, float* squeezeBias, T* widen, float* widenBias);
// Weights (K, N) in the order that the fused kernel reads.
using Packing = std::vector<float> (*)(const std::vector<float>&, int K, int N);

template <typename T>
struct Weights {
  std::vector<float> w;  // (K, N), as T holds them
  std::vector<float> bias;

  static Weights of(Random& random, int K, int N) {
    return {rounded<T>(random.floats(static_cast<size_t>(K) * N, -0.3f, 0.3f)), random.floats(N, -1, 1)};
  }
};

// Positions of an image and what is in them, channels innermost.
struct Map {
  int F;
  int channels;
  std::vector<int> owner;
  std::vector<float> values;

  Map part(int from, int count) const {
    Map cut{F, count, owner, {}};
    for (size_t i = 0; i < values.size(); i += channels) {
      cut.values.insert(cut.values.end(), values.begin() + i + from, values.begin() + i + from + count);
    }
    return cut;
  }
};

constexpr size_t MAX_SHARED = 99 << 10;  // of a block on the smallest cards but Turing

constexpr Clamp CLIP = {0, 20};
constexpr Clamp NO_CLIP = {-INFINITY, INFINITY};

template <typename T>
Map convolve(Run run, const Map& x, const Weights<T>& weights, int kernel, int stride, const Map* residual, Clamp clamp,
             const std::vector<int>& owner) {
  const int O = static_cast<int>(weights.bias.size()), W = static_cast<int>(x.owner.size());
  const int WO = static_cast<int>(owner.size()), FO = ceilDiv(x.F, stride);
  Image<T> in(x.values, x.channels, x.channels, 0), out(static_cast<size_t>(FO) * WO, O, O, 0);
  Image<T> added(residual == nullptr ? std::vector<float>(O) : residual->values, O, O, 0);
  DeviceArray<T> w(storage<T>(weights.w));
  DeviceArray<float> bias(weights.bias);
  DeviceArray<int> columns(owner);
  run({in.view(), w.data(), bias.data(), residual == nullptr ? nullptr : added.view(), columns.data(), nullptr, out.view(),
       in.stride, O, O, x.F, W, x.channels, FO, WO, O, kernel, kernel, stride, stride, 1, 1, clamp});
  return {FO, O, owner, out.packed("separate")};
}

template <typename T>
void checkBlock(unsigned seed, Run separate, void (*fused)(const ResBlockParams&, size_t), Packing packing, int octets,
                Fuse<T> fuse) {
  Random random(seed);
  const int unit = 8 * octets, P = unit * random.oneOf({1, 2, 4}), S = random.oneOf({1, 2, 3});
  const int n = S > 1 ? S - random.below(2) : 1, stride = random.oneOf({1, 1, 2}), F = random.oneOf({1, 3, 5, 9});
  const int I = unit * random.oneOf({1, 2, 3}), O = random.below(2) ? I : unit * random.oneOf({1, 2, 4});
  const bool identity = stride == 1 && O == I;
  const PackedRow row = PackedRow::of({9, random.oneOf({1, 16, 31})}, random.below(2));
  const std::vector<int> owner = row.columnClip(stride);
  Map x{F, I, row.columnClip(1), rounded<T>(random.floats(static_cast<size_t>(F) * row.W * I, -2, 2))};
  for (size_t i = 0; i < x.values.size(); i++) {
    x.values[i] = x.owner[i / I % row.W] == GAP ? 0 : x.values[i];
  }
  const Weights<T> reduce = Weights<T>::of(random, I, S * P), expand = Weights<T>::of(random, S * P, O);
  const Weights<T> project = Weights<T>::of(random, I, O);
  std::vector<Weights<T>> chain;
  for (int i = 0; i < n; i++) {
    chain.push_back(Weights<T>::of(random, 9 * P, P));
  }

  const int R = fuse != nullptr ? random.oneOf({0, 16, 32}) : 0;
  std::vector<float> squeezes, widens, squeezeBias = random.floats(n * R + 1), widenBias = random.floats(n * P);
  for (int i = 1; i < n; i++) {
    const std::vector<float> squeeze = packing(rounded<T>(random.floats(2 * P * R, -0.2f, 0.2f)), 2 * P, R);
    const std::vector<float> widen = packing(rounded<T>(random.floats(R * P, -0.3f, 0.3f)), R, P);
    squeezes.insert(squeezes.end(), squeeze.begin(), squeeze.end());
    widens.insert(widens.end(), widen.begin(), widen.end());
  }
  squeezes.resize(squeezes.size() + 8);
  widens.resize(widens.size() + 8);
  DeviceArray<T> sw(storage<T>(squeezes)), ww(storage<T>(widens));
  DeviceArray<float> sb(squeezeBias), wb(widenBias);

  const Map h = convolve(separate, x, reduce, 1, stride, nullptr, CLIP, owner);
  Map joined{h.F, S * P, owner, std::vector<float>(h.values.size())};
  Map y;
  for (int part = 0; part < S; part++) {
    Map u = h.part(part * P, P);
    if (part > 0 && part < n && R > 0) {
      u.values = fuse(y.values, u.values, owner, P, R, sw.data() + (part - 1) * 2 * P * R, sb.data() + (part - 1) * R,
                      ww.data() + (part - 1) * R * P, wb.data() + (part - 1) * P);
    } else if (part > 0 && part < n) {
      for (size_t i = 0; i < u.values.size(); i++) {
        u.values[i] += y.values[i];
      }
      u.values = rounded<T>(u.values);
    }
    y = part < n ? convolve(separate, u, chain[part], 3, 1, nullptr, CLIP, owner) : u;
    for (size_t i = 0; i < y.values.size(); i++) {
      joined.values[i / P * S * P + part * P + i % P] = y.values[i];
    }
  }
  const Map shortcut = identity ? x : convolve(separate, x, project, 1, stride, nullptr, NO_CLIP, owner);
  const Map expected = convolve(separate, joined, expand, 1, 1, &shortcut, CLIP, owner);

  std::vector<float> chained, chainBias;
  for (const Weights<T>& w : chain) {
    const std::vector<float> packed = packing(w.w, 9 * P, P);
    chained.insert(chained.end(), packed.begin(), packed.end());
    chainBias.insert(chainBias.end(), w.bias.begin(), w.bias.end());
  }
  Image<T> in(x.values, I, I + 16, 8);
  DeviceArray<T> r(storage<T>(packing(reduce.w, I, S * P))), c(storage<T>(chained));
  DeviceArray<T> e(storage<T>(packing(expand.w, S * P, O))), q(storage<T>(packing(project.w, I, O)));
  DeviceArray<float> rb(reduce.bias), cb(chainBias), eb(expand.bias), qb(project.bias);
  DeviceArray<int> columns(owner);
  for (const auto& [tileF, tileT] : std::vector<std::pair<int, int>>{{8, 16}, {8, 8}, {4, 8}, {3, 5}}) {
    Image<T> out(expected.values.size() / O, O, O + 8, 8);
    const size_t halo = static_cast<size_t>(tileF + 2 * n) * (tileT + 2 * n), pad = 16 / sizeof(T);
    const size_t shared =
        (halo * (I + S * P + 2 * pad + (R > 0 ? P + R + 2 * pad : 0)) + tileF * tileT * (S * P + pad)) * sizeof(T) +
        (tileT + 2 * n) * sizeof(int);
    if (shared > MAX_SHARED) {
      continue;
    }
    fused({in.view(), r.data(), c.data(), sw.data(), ww.data(), e.data(), identity ? nullptr : q.data(), rb.data(), cb.data(),
           sb.data(), wb.data(), eb.data(), qb.data(),
           columns.data(), out.view(), in.stride, out.stride, F, row.W, I, expected.F, static_cast<int>(owner.size()), O, P, S,
           n, R, stride, tileF, tileT, CLIP},
          shared);
    expectSameBits("block", expected.values, out.packed("block"));
  }
}

inline dim3 blockGrid(const ResBlockParams& p) { return dim3(ceilDiv(p.WO, p.tileT), ceilDiv(p.FO, p.tileF)); }
