#include "../cmn.cu"

#include "harness.h"

std::vector<float> normalised(const PackedRow& row, const std::vector<float>& features, int bins) {
  DeviceArray<Clip> clips(row.clips);
  DeviceArray<float> x(features);
  LAUNCH(cmn, dim3(static_cast<unsigned>(row.clips.size())), dim3(bins, 8), 8 * bins * sizeof(FixedSum), clips.data(),
         x.data());
  return x.download("features");
}

void checkCmn(unsigned seed) {
  Random random(seed);
  const int B = 80;
  const PackedRow row = PackedRow::of({random.oneOf({9, 32}), 1, random.oneOf({33, 127}), 31}, random.below(2));
  const std::vector<int> owner = row.columnClip(1);
  std::vector<float> x = random.floats(static_cast<size_t>(row.W) * B, -16, 5);
  for (int t = 0; t < row.W; t++) {
    for (int b = 0; b < B; b++) {
      if (owner[t] == GAP) {
        x[t * B + b] = 0;
      }
      if (owner[t] == 0) {
        x[t * B + b] = -15.942385f;  // silence
      }
    }
  }
  std::vector<double> expected(x.begin(), x.end());
  for (const Clip& clip : row.clips) {
    for (int b = 0; b < B; b++) {
      double mean = 0;
      for (int t = 0; t < clip.frames; t++) {
        mean += x[(clip.firstColumn + t) * B + b] / double(clip.frames);
      }
      for (int t = 0; t < clip.frames; t++) {
        expected[(clip.firstColumn + t) * B + b] -= mean;
      }
    }
  }
  const std::vector<float> y = normalised(row, x, B);
  expectNear("cmn", expected, y, 5e-7, 1e-7);
  for (int t = 0; t < row.clips[0].frames * B; t++) {
    if (y[t] != 0) {
      fail("cmn: silence is not exactly zero");
    }
  }

  const Clip& clip = row.clips[2];
  const auto from = [&](const std::vector<float>& v) {
    return std::vector<float>(v.begin() + clip.firstColumn * B, v.begin() + (clip.firstColumn + clip.frames) * B);
  };
  std::vector<float> alone = from(x);
  const PackedRow single = PackedRow::of({clip.frames});
  alone.resize(static_cast<size_t>(single.W) * B);
  std::vector<float> z = normalised(single, alone, B);
  z.resize(static_cast<size_t>(clip.frames) * B);
  expectSameBits("cmn", from(y), z);
}

int main() {
  for (unsigned seed = 0; seed < 6; seed++) {
    checkCmn(seed);
  }
  puts("cmn: ok");
}
