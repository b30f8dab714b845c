#include "../context_gate.cu"

#include "harness.h"

constexpr int SLICES = 8;

struct GateWeights {
  std::vector<float> squeeze, squeezeBias, expand, expandBias;  // (I, R), (R), (R, C), (C)
};

// Step 0, against which the three launches are checked: one thread per channel of a clip that does everything itself.
extern "C" __global__ void context_gate_naive(ContextSumsParams s, ContextGatesParams g, GateMapParams m) {
  const int c = blockIdx.x * blockDim.x + threadIdx.x;
  const Segments segments = segmentsOf(s.clips, blockIdx.y, s.timeStride, s.S);
  const float* context = static_cast<const float*>(s.context) + static_cast<long long>(segments.clip.first) * s.contextStride;
  if (c >= g.C) {
    return;
  }
  for (int segment = 0; segment < segments.count; segment++) {
    const int first = segment * segments.length, count = columnsIn(segments, segment);
    float score = g.expandBias[c];
    for (int r = 0; r < g.R; r++) {
      float hidden = g.squeezeBias[r];
      for (int i = 0; i < g.I; i++) {
        float whole = 0, part = 0;
        for (int t = 0; t < segments.clip.count; t++) {
          const float v = context[static_cast<long long>(t) * s.contextStride + i];
          whole += v;
          part += t >= first && t < first + count ? v : 0;
        }
        hidden += g.squeeze[i * g.R + r] * (whole / segments.clip.count + (s.S > 0 ? part / count : 0));
      }
      score += g.expand[r * g.C + c] * fmaxf(hidden, 0);
    }
    for (int t = segments.clip.first + first; t < segments.clip.first + first + count; t++) {
      static_cast<float*>(m.y)[static_cast<long long>(t) * m.yStride + c] =
          static_cast<const float*>(m.x)[static_cast<long long>(t) * m.xStride + c] * sigmoid(score);
    }
  }
}

template <typename T>
std::vector<float> gated(const PackedRow& row, Image<T>& x, Image<T>& context, const GateWeights& w, int I, int R, int C,
                         int level, int S, bool naive = false) {
  const std::vector<int> owner = row.columnClip(level);
  const int W = static_cast<int>(owner.size()), N = static_cast<int>(row.clips.size());
  const size_t slots = N + (S == 0 ? 0 : W / S);
  const int most = S == 0 ? 1 : ceilDiv(W, S);
  DeviceArray<Clip> clips(row.clips);
  DeviceArray<int> columns(owner);
  DeviceArray<float> w1(w.squeeze), b1(w.squeezeBias), w2(w.expand), b2(w.expandBias), sums(slots * I), gates(slots * C);
  Image<T> out(naive ? std::vector<float>(static_cast<size_t>(W) * C) : std::vector<float>(static_cast<size_t>(W) * C, NAN), C,
               C + 8, 8);
  const ContextSumsParams s = {clips.data(), context.view(), sums.data(), context.stride, I, level, S};
  const ContextGatesParams g = {clips.data(), sums.data(), w1.data(), b1.data(), w2.data(), b2.data(), gates.data(),
                                I, R, C, level, S};
  const GateMapParams m = {clips.data(), columns.data(), x.view(), gates.data(), out.view(), x.stride, out.stride,
                           W, C, level, S};
  if (naive) {
    LAUNCH(context_gate_naive, dim3(ceilDiv(C, 64), N), 64, 0, s, g, m);
    return out.packed("context_gate_naive");
  }
  const int octets = I / 8 < 32 ? I / 8 : 32;
  const dim3 sumsGrid(ceilDiv(I / 8, octets), most, N), sumsBlock(octets, SLICES);
  const size_t shared = SLICES * octets * 8 * sizeof(float);
  if constexpr (std::is_same_v<T, float>) LAUNCH(context_sums_f32, sumsGrid, sumsBlock, shared, s);
  else LAUNCH(context_sums_f16, sumsGrid, sumsBlock, shared, s);
  sums.download("context_sums");
  LAUNCH(context_gates, dim3(most, N), 128, (I + R) * sizeof(float), g);
  gates.download("context_gates");
  const int grid = ceilDiv(W * C / 8, 256);
  if constexpr (std::is_same_v<T, float>) LAUNCH(gate_map_f32, grid, 256, 0, m);
  else LAUNCH(gate_map_f16, grid, 256, 0, m);
  return out.packed("gate_map");
}

template <typename T>
void checkGate(unsigned seed) {
  Random random(seed);
  const int I = random.oneOf({8, 40, 264}), C = random.oneOf({8, 32, 136}), R = random.oneOf({1, 16, 33});
  const int level = random.oneOf({1, 2}), S = random.oneOf({0, 7, 20, 100});
  const PackedRow row = PackedRow::of({1, random.oneOf({40, 99, 240}), 20}, random.below(3));
  const std::vector<int> owner = row.columnClip(level);
  const int W = static_cast<int>(owner.size());
  std::vector<float> x = random.floats(static_cast<size_t>(W) * C, -2, 2);
  std::vector<float> context = random.floats(static_cast<size_t>(W) * I, -1, 3);
  for (int t = 0; t < W; t++) {
    if (owner[t] == GAP) {
      std::fill_n(x.begin() + static_cast<size_t>(t) * C, C, 0.0f);
      std::fill_n(context.begin() + static_cast<size_t>(t) * I, I, 0.0f);
    }
  }
  const GateWeights w = {random.floats(I * R, -0.3f, 0.3f), random.floats(R), random.floats(R * C), random.floats(C)};
  const std::vector<float> rx = rounded<T>(x), rc = rounded<T>(context);
  std::vector<double> expected(static_cast<size_t>(W) * C, 0.0);
  for (const Clip& clip : row.clips) {
    const int first = clip.firstColumn / level, n = ceilDiv(clip.frames, level), length = S == 0 ? n : S;
    for (int from = 0; from < n; from += length) {
      const int to = from + length < n ? from + length : n;
      std::vector<double> hidden(R);
      for (int r = 0; r < R; r++) {
        hidden[r] = w.squeezeBias[r];
        for (int i = 0; i < I; i++) {
          double whole = 0, part = 0;
          for (int t = 0; t < n; t++) {
            const double v = rc[static_cast<size_t>(first + t) * I + i];
            whole += v / n;
            part += S > 0 && t >= from && t < to ? v / (to - from) : 0;
          }
          hidden[r] += w.squeeze[i * R + r] * (whole + part);
        }
      }
      for (int c = 0; c < C; c++) {
        double score = w.expandBias[c];
        for (int r = 0; r < R; r++) {
          score += w.expand[r * C + c] * std::fmax(hidden[r], 0.0);
        }
        for (int t = first + from; t < first + to; t++) {
          expected[static_cast<size_t>(t) * C + c] = rx[static_cast<size_t>(t) * C + c] / (1 + exp(-score));
        }
      }
    }
  }
  Image<T> in(x, C, C + 8, 0), from(context, I, I + 8, 8);
  const std::vector<float> actual = gated(row, in, from, w, I, R, C, level, S);
  expectNear("context_gate", expected, actual, ABSOLUTE<T>, RELATIVE<T>);
  if constexpr (std::is_same_v<T, float>) {
    expectNear("context_gate_naive", expected, gated(row, in, from, w, I, R, C, level, S, true), 1e-4, 1e-4);
  }

  // The second clip alone: same bits.
  const Clip& clip = row.clips[1];
  const PackedRow single = PackedRow::of({clip.frames});
  const int alone = single.W / level, first = clip.firstColumn / level, n = ceilDiv(clip.frames, level);
  std::vector<float> y(static_cast<size_t>(alone) * C), z(static_cast<size_t>(alone) * I);
  memcpy(y.data(), &x[static_cast<size_t>(first) * C], static_cast<size_t>(n) * C * sizeof(float));
  memcpy(z.data(), &context[static_cast<size_t>(first) * I], static_cast<size_t>(n) * I * sizeof(float));
  Image<T> smallIn(y, C, C, 0), smallFrom(z, I, I, 0);
  const std::vector<float> own = gated(single, smallIn, smallFrom, w, I, R, C, level, S);
  expectSameBits("context_gate", {actual.begin() + static_cast<long>(first) * C, actual.begin() + static_cast<long>(first + n) * C},
                 {own.begin(), own.begin() + static_cast<long>(n) * C});
}

int main() {
  for (unsigned seed = 0; seed < 12; seed++) {
    checkGate<float>(seed);
    checkGate<__half>(seed);
  }
  puts("context_gate: ok");
}
