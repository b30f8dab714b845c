#include "../pcm.cu"

#include "harness.h"

// Clips of both formats in one buffer, each resampled by its own rate pair; taps are random: the kernel does not care.
void checkPcm(unsigned seed) {
  Random random(seed);
  struct Rate {
    int up, down, taps, firstTap;
  };
  std::vector<Rate> rates = {{1, 1, 1, 0}, {2, 1, 13, 0}, {1, 3, 37, 0}, {160, 441, 35, 0}, {320, 441, 9, 0}};
  std::vector<float> taps;
  for (Rate& rate : rates) {
    rate.firstTap = static_cast<int>(taps.size());
    const std::vector<float> more = random.floats(static_cast<size_t>(rate.up) * rate.taps);
    taps.insert(taps.end(), more.begin(), more.end());
  }

  std::vector<RawClip> clips;
  std::vector<unsigned char> raw;
  std::vector<std::vector<float>> inputs;
  int waveSize = 0, longest = 0;
  for (int i = 0; i < 5; i++) {
    const bool isFloat = random.below(2);
    const Rate& rate = rates[(seed + i) % rates.size()];
    const int samples = random.oneOf({1, 3, 33, 127, 1021});
    RawClip clip = {};
    raw.resize((raw.size() + 3) / 4 * 4);
    clip.byteOffset = static_cast<long long>(raw.size());
    clip.samples = samples;
    clip.isFloat = isFloat;
    clip.first = waveSize;
    clip.count = ceilDiv(static_cast<long long>(samples) * rate.up, rate.down);
    clip.up = rate.up;
    clip.down = rate.down;
    clip.tapsPerPhase = rate.taps;
    clip.firstTap = rate.firstTap;
    clip.left = rate.taps / 2;
    std::vector<float> values;
    for (int n = 0; n < samples; n++) {
      const short s = static_cast<short>(random.below(65536) - 32768);
      const float x = s / 32768.0f;
      const unsigned char* bytes = isFloat ? reinterpret_cast<const unsigned char*>(&x)
                                           : reinterpret_cast<const unsigned char*>(&s);
      raw.insert(raw.end(), bytes, bytes + (isFloat ? 4 : 2));
      values.push_back(x);
    }
    inputs.push_back(values);
    clips.push_back(clip);
    waveSize += clip.count;
    longest = std::max(longest, clip.count);
  }

  std::vector<double> expected;
  for (size_t i = 0; i < clips.size(); i++) {
    const RawClip& clip = clips[i];
    for (int n = 0; n < clip.count; n++) {
      const long long position = static_cast<long long>(n) * clip.down;
      double sum = 0;
      for (int k = 0; k < clip.tapsPerPhase; k++) {
        const long long at = position / clip.up - clip.left + k;
        if (at >= 0 && at < clip.samples) {
          sum += double(taps[clip.firstTap + position % clip.up * clip.tapsPerPhase + k]) * inputs[i][at];
        }
      }
      expected.push_back(sum);
    }
  }
  DeviceArray<RawClip> table(clips);
  DeviceArray<unsigned char> bytes(raw);
  DeviceArray<float> coefficients(taps), wave(waveSize);
  const dim3 grid(ceilDiv(longest, 256), static_cast<unsigned>(clips.size()));
  LAUNCH(resample_polyphase, grid, 256, 0, table.data(), bytes.data(), coefficients.data(), wave.data());
  expectNear("resample_polyphase", expected, wave.download("wave"), 2e-5, 2e-5);

  // Conversion alone: as many samples out as in.
  waveSize = 0;
  std::vector<float> same;
  for (size_t i = 0; i < clips.size(); i++) {
    clips[i].first = waveSize;
    clips[i].count = clips[i].samples;
    waveSize += clips[i].samples;
    same.insert(same.end(), inputs[i].begin(), inputs[i].end());
  }
  DeviceArray<RawClip> plain(clips);
  DeviceArray<float> converted(waveSize);
  LAUNCH(pcm_to_float, dim3(ceilDiv(1021, 256), static_cast<unsigned>(clips.size())), 256, 0, plain.data(),
         bytes.data(), converted.data());
  expectSameBits("pcm_to_float", same, converted.download("wave"));
}

int main() {
  for (unsigned seed = 0; seed < 12; seed++) {
    checkPcm(seed);
  }
  puts("pcm_to_float, resample_polyphase: ok");
}
