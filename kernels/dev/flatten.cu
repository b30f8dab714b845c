#include "../flatten.cu"

#include "harness.h"

// One thread per octet of outputs is the first and only step: what is moved is a thousandth of the networks' traffic.
template <typename From, typename To>
void checkFlatten(unsigned seed, bool features) {
  Random random(seed);
  const int C = features ? 1 : random.oneOf({3, 8, 13, 32}), F = random.oneOf({1, 5, 10, 80}), level = random.oneOf({1, 2});
  const int width = (C + 7) / 8 * 8;
  // A hole behind the first outputs, as where a value is cut into parts.
  const int hole = random.below(2) * 3, O = (C * F + hole + 7) / 8 * 8;
  const PackedRow row = PackedRow::of({9, random.oneOf({1, 17, 33})}, random.below(2));
  const std::vector<int> owner = row.columnClip(level);
  const int W = static_cast<int>(owner.size());
  std::vector<int> rows(O, -1), channels(O, 0);
  for (int j = 0; j < C * F; j++) {
    const int to = j < 5 ? j : j + hole;
    rows[to] = j % F;
    channels[to] = j / F;
  }
  std::vector<float> x = random.floats(static_cast<size_t>(F) * W * width);
  const std::vector<float> held = rounded<From>(x);
  std::vector<double> expected(static_cast<size_t>(W) * O, 0.0);
  for (int t = 0; t < W; t++) {
    for (int j = 0; j < O; j++) {
      if (owner[t] != GAP && rows[j] >= 0) {
        const size_t at = features ? static_cast<size_t>(t) * F + rows[j]
                                   : (static_cast<size_t>(rows[j]) * W + t) * width + channels[j];
        expected[static_cast<size_t>(t) * O + j] = rounded<To>({held[at]})[0];
      }
    }
  }
  Image<From> map(x, width, width + 8, 8);
  DeviceArray<From> plain(storage<From>(x));
  Image<To> out(W, O, O + 16, 8);
  DeviceArray<int> rowTable(rows), channelTable(channels), columns(owner);
  FlattenParams p = {map.view(), rowTable.data(), channelTable.data(), columns.data(), out.view(),
                     static_cast<long long>(W) * map.stride, map.stride, out.stride, W, O};
  if (features) {
    p.x = plain.data();
    p.rowStride = 1;
    p.columnStride = F;
  }
  const int grid = ceilDiv(W * O / 8, 256);
  if constexpr (std::is_same_v<From, __half>) LAUNCH(flatten_f16, grid, 256, 0, p);
  else if constexpr (std::is_same_v<To, __half>) LAUNCH(flatten_f32_to_f16, grid, 256, 0, p);
  else LAUNCH(flatten_f32, grid, 256, 0, p);
  expectNear("flatten", expected, out.packed("flatten"), 0, 0);
}

int main() {
  for (unsigned seed = 0; seed < 12; seed++) {
    checkFlatten<float, float>(seed, seed % 2);
    checkFlatten<__half, __half>(seed, false);
    checkFlatten<float, __half>(seed, true);
  }
  puts("flatten: ok");
}
