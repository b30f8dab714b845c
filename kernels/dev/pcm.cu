#include "../pcm.cu"

#include "harness.h"

// One thread per sample: neighbours read different phases, so no two of a warp's loads of taps share a sector, and each
// of the 500 products of a sum waits for the one before.
extern "C" __global__ void resample_naive(const RawClip* __restrict__ clips, const float* __restrict__ raw,
                                          const float* __restrict__ taps, float* __restrict__ wave) {
  const RawClip clip = clips[blockIdx.y];
  const int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= clip.count) {
    return;
  }
  const long long position = static_cast<long long>(n) * clip.down;
  const int base = static_cast<int>(position / clip.up) - clip.left;
  const float* phase = taps + clip.firstTap + static_cast<int>(position % clip.up) * clip.tapsPerPhase;
  float sum = 0.0f;
  for (int k = 0; k < clip.tapsPerPhase; k++) {
    const int i = base + k;
    if (i >= 0 && i < clip.samples) {
      sum = fmaf(phase[k], raw[clip.firstRaw + i], sum);
    }
  }
  wave[clip.first + n] = sum;
}

// Samples are 16-bit integers, so that the kernels for these must give the bits that those for floats give.
std::vector<short> integers(Random& random, size_t count) {
  std::vector<short> values;
  for (float x : random.floats(count)) {
    values.push_back(static_cast<short>(std::lrint(std::fmin(std::fmax(x, -1.0f), 1.0f) * 32767.0f)));
  }
  // Both ends of the range, where there is room.
  if (count >= 2) {
    values[0] = -32768;
    values[1] = 32767;
  }
  return values;
}

std::vector<float> amplitudes(const std::vector<short>& values) {
  std::vector<float> amplitudes;
  for (short x : values) {
    amplitudes.push_back(static_cast<float>(x / 32768.0));
  }
  return amplitudes;
}

void expectSame(const char* what, const std::vector<float>& expected, const std::vector<float>& actual) {
  if (memcmp(expected.data(), actual.data(), expected.size() * sizeof(float)) != 0) {
    fail(std::string(what) + ": other bits than expected");
  }
}

// Clips in one buffer, each resampled by its own rate; taps are random: the kernel does not care.
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
  taps[0] = 1.0f;

  std::vector<RawClip> clips;
  std::vector<short> raw16;
  int waveSize = 0, longest = 0;
  for (int i = 0; i < 5; i++) {
    const Rate& rate = rates[(seed + i) % rates.size()];
    const int samples = random.oneOf({1, 3, 33, 127, 1021});
    RawClip clip = {};
    clip.firstRaw = static_cast<int>(raw16.size());
    clip.samples = samples;
    clip.first = waveSize;
    clip.count = ceilDiv(static_cast<long long>(samples) * rate.up, rate.down);
    clip.up = rate.up;
    clip.down = rate.down;
    clip.tapsPerPhase = rate.taps;
    clip.firstTap = rate.firstTap;
    clip.left = rate.up == rate.down ? 0 : rate.taps / 2;
    const std::vector<short> more = integers(random, samples);
    raw16.insert(raw16.end(), more.begin(), more.end());
    clips.push_back(clip);
    waveSize += clip.count;
    longest = std::max(longest, clip.count);
  }

  const std::vector<float> raw = amplitudes(raw16);
  std::vector<double> expected;
  for (const RawClip& clip : clips) {
    for (int n = 0; n < clip.count; n++) {
      const long long position = static_cast<long long>(n) * clip.down;
      double sum = 0;
      for (int k = 0; k < clip.tapsPerPhase; k++) {
        const long long at = position / clip.up - clip.left + k;
        if (at >= 0 && at < clip.samples) {
          sum += double(taps[clip.firstTap + position % clip.up * clip.tapsPerPhase + k]) * raw[clip.firstRaw + at];
        }
      }
      expected.push_back(sum);
    }
  }
  DeviceArray<float> samples(raw), coefficients(taps), naive(waveSize), wave(waveSize), wave16(waveSize);
  DeviceArray<short> samples16(raw16);
  const int clipCount = static_cast<int>(clips.size());
  DeviceArray<RawClip> exact(clips);
  LAUNCH(resample_naive, dim3(ceilDiv(longest, 256), clipCount), 256, 0, exact.data(), samples.data(),
         coefficients.data(), naive.data());
  expectNear("resample_naive", expected, naive.download("wave"), 2e-5, 2e-5);

  // As the engine launches it: places without a clip at the end of the table, more warps than samples.
  for (int i = 0; i < 3; i++) {
    RawClip none = {};
    none.first = waveSize;
    none.up = none.down = none.tapsPerPhase = 1;
    clips.push_back(none);
  }
  DeviceArray<RawClip> table(clips);
  LAUNCH(resample_polyphase, ceilDiv(waveSize + 100, 8), dim3(WARP, 8), 0, table.data(), clipCount + 3, samples.data(),
         coefficients.data(), wave.data());
  const std::vector<float> computed = wave.download("wave");
  expectNear("resample_polyphase", expected, computed, 1e-5, 1e-5);
  LAUNCH(resample_polyphase_s16, ceilDiv(waveSize + 100, 8), dim3(WARP, 8), 0, table.data(), clipCount + 3,
         samples16.data(), coefficients.data(), wave16.data());
  expectSame("resample_polyphase_s16", computed, wave16.download("wave of 16-bit samples"));
  for (const RawClip& clip : clips) {
    for (int n = 0; clip.up == clip.down && n < clip.count; n++) {
      if (computed[clip.first + n] != raw[clip.firstRaw + n]) {
        fail("resample_polyphase: a clip that keeps its rate was changed");
      }
    }
  }
}

void checkWiden(unsigned seed) {
  Random random(seed);
  const int octets = random.oneOf({1, 3, 31, 32, 33, 127, 1021});
  const std::vector<short> raw = integers(random, 8 * octets);
  DeviceArray<short> samples(raw);
  DeviceArray<float> wave(raw.size());
  LAUNCH(widen_s16, ceilDiv(octets, 256), 256, 0, samples.data(), wave.data(), octets);
  expectSame("widen_s16", amplitudes(raw), wave.download("wave"));
}

int main() {
  for (unsigned seed = 0; seed < 12; seed++) {
    checkPcm(seed);
    checkWiden(seed);
  }
  puts("resample_polyphase, widen_s16: ok");
}
