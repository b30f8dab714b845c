#include "../fbank.cu"

#include "golden.h"

constexpr int B = 80;
constexpr float EPSILON = 1.1920929e-07f;

// What the host prepares: window, twiddles, mel filters.
struct Tables {
  std::vector<float> window;
  std::vector<float2> twiddles;
  std::vector<MelFilter> filters;
  std::vector<float> weights;
  std::vector<float> dense;  // (B, nfft / 2 + 1)

  Tables(int frameLength, int nfft) {
    for (int i = 0; i < frameLength; i++) {
      window.push_back(static_cast<float>(pow(0.5 - 0.5 * cos(2 * M_PI * i / (frameLength - 1)), 0.85)));
    }
    for (int k = 0; k < nfft; k++) {
      twiddles.push_back({static_cast<float>(cos(2 * M_PI * k / nfft)), static_cast<float>(-sin(2 * M_PI * k / nfft))});
    }
    const auto mel = [](double hertz) { return 1127 * log(1 + hertz / 700); };
    const double low = mel(20), step = (mel(8000) - low) / (B + 1);
    std::vector<float> matrix(B * (nfft / 2 + 1));
    for (int b = 0; b < B; b++) {
      for (int k = 0; k < nfft / 2; k++) {
        const double x = (mel(16000.0 * k / nfft) - low) / step - b;
        matrix[b * (nfft / 2 + 1) + k] = static_cast<float>(std::fmax(0, std::fmin(x, 2 - x)));
      }
    }
    useMatrix(matrix, nfft / 2 + 1);
  }

  void useMatrix(const std::vector<float>& matrix, int bins) {
    dense = matrix;
    filters.clear();
    weights.clear();
    for (int b = 0; b < B; b++) {
      int from = 0, to = bins;
      while (from < bins && matrix[b * bins + from] == 0) from++;
      while (to > from && matrix[b * bins + to - 1] == 0) to--;
      filters.push_back({from, to - from, static_cast<int>(weights.size())});
      weights.insert(weights.end(), &matrix[b * bins + from], &matrix[b * bins] + to);
    }
  }
};

// One frame in double, by the definition of the transform.
std::vector<double> logMel(const float* frame, const Tables& tables, int frameLength, int nfft) {
  std::vector<double> v(nfft);
  double mean = 0;
  for (int i = 0; i < frameLength; i++) {
    mean += frame[i] / double(frameLength);
  }
  for (int i = 0; i < frameLength; i++) {
    v[i] = (frame[i] - mean - 0.97 * (frame[i == 0 ? 0 : i - 1] - mean)) * tables.window[i];
  }
  std::vector<double> result(B);
  for (int k = 0; k <= nfft / 2; k++) {
    double re = 0, im = 0;
    for (int i = 0; i < frameLength; i++) {
      re += v[i] * cos(2 * M_PI * k * i / nfft);
      im -= v[i] * sin(2 * M_PI * k * i / nfft);
    }
    for (int b = 0; b < B; b++) {
      result[b] += tables.dense[b * (nfft / 2 + 1) + k] * (re * re + im * im);
    }
  }
  for (double& e : result) {
    e = log(std::fmax(e, EPSILON));
  }
  return result;
}

// Step 0: a block per frame, the transform by its definition, one thread per bin.
extern "C" __global__ void fbank_dft(const Clip* clips, const int* columnClip, const float* wave, const float* window,
                                     const float2* twiddles, const MelFilter* filters, const float* weights,
                                     float floorEnergy, float* features, int W) {
  DYNAMIC_SHARED(float, frame);  // (400), then the power (257)
  const int t = blockIdx.x, thread = threadIdx.x;
  const int owner = columnClip[t];
  const float* x = owner == GAP ? wave : wave + clips[owner].firstSample + (t - clips[owner].firstColumn) * SHIFT;
  float mean = 0;
  for (int i = 0; i < FRAME; i++) {
    mean += x[i];
  }
  mean /= FRAME;
  for (int i = thread; i < FRAME; i += blockDim.x) {
    frame[i] = (x[i] - mean - PREEMPHASIS * (x[i == 0 ? 0 : i - 1] - mean)) * window[i];
  }
  __syncthreads();
  for (int k = thread; k <= FFT / 2; k += blockDim.x) {
    float re = 0, im = 0;
    for (int i = 0; i < FRAME; i++) {
      re += frame[i] * twiddles[i * k % FFT].x;
      im += frame[i] * twiddles[i * k % FFT].y;
    }
    frame[FRAME + k] = re * re + im * im;
  }
  __syncthreads();
  for (int b = thread; b < B; b += blockDim.x) {
    float energy = 0;
    for (int i = 0; i < filters[b].count; i++) {
      energy += weights[filters[b].firstWeight + i] * frame[FRAME + filters[b].fromBin + i];
    }
    features[t * B + b] = owner == GAP ? 0 : logf(fmaxf(energy, floorEnergy));
  }
}

// The sums of each clip's features, in the order of time.
std::vector<FixedSum> sumsOf(const PackedRow& row, const std::vector<float>& features) {
  std::vector<FixedSum> sums(row.clips.size() * B);
  for (size_t n = 0; n < row.clips.size(); n++) {
    for (int i = 0; i < row.clips[n].frames * B; i++) {
      sums[n * B + i % B] += toFixed(features[row.clips[n].firstColumn * B + i]);
    }
  }
  return sums;
}

struct Result {
  std::vector<float> naive, fused;
};

Result run(const PackedRow& row, const std::vector<short>& pcm, const Tables& tables, int warps, bool withNaive) {
  std::vector<float> samples;
  for (const short s : pcm) {
    samples.push_back(s / 32768.0f);
  }
  DeviceArray<Clip> clips(row.clips);
  DeviceArray<int> owner(row.columnClip(1));
  DeviceArray<float> wave(samples), window(tables.window), weights(tables.weights);
  DeviceArray<float2> twiddles(tables.twiddles);
  DeviceArray<MelFilter> filters(tables.filters);
  const size_t size = static_cast<size_t>(row.W) * B;
  DeviceArray<float> fused(size), naive(size);
  DeviceArray<FixedSum> sums(std::vector<FixedSum>(row.clips.size() * B));
  Result result;
  const dim3 grid(ceilDiv(row.W, warps)), block(WARP, warps);
  const size_t shared = warps * 2 * FFT_ROW * sizeof(float);
  LAUNCH(fbank_f32, grid, block, shared, clips.data(), owner.data(), wave.data(), window.data(), twiddles.data(),
         filters.data(), weights.data(), EPSILON, fused.data(), sums.data(), row.W, B);
  result.fused = fused.download("features");
  if (sums.download("sums") != sumsOf(row, result.fused)) {
    fail("fbank_f32: wrong sums over a clip's frames");
  }
  if (withNaive) {
    LAUNCH(fbank_dft, dim3(row.W), 128, (FRAME + FFT / 2 + 1) * sizeof(float), clips.data(), owner.data(), wave.data(),
           window.data(), twiddles.data(), filters.data(), weights.data(), EPSILON, naive.data(), row.W);
    result.naive = naive.download("features");
  }
  return result;
}

void checkPacked(unsigned seed) {
  Random random(seed);
  const Tables tables(FRAME, FFT);
  const PackedRow row = PackedRow::of({3, 1, random.oneOf({9, 17}), 8}, 1);
  std::vector<short> pcm;
  for (const Clip& clip : row.clips) {
    const int kind = random.below(3);
    const int dc = random.below(20000) - 10000;
    for (int i = 0; i < clip.samples; i++) {
      const int noise = random.below(kind == 0 ? 5 : 20000);
      pcm.push_back(static_cast<short>(kind == 1 ? (i / 50 % 2 ? 32767 : -32768) : dc + noise));
    }
  }
  std::vector<double> expected;
  const std::vector<int> owner = row.columnClip(1);
  for (int t = 0; t < row.W; t++) {
    std::vector<double> column(B);
    if (owner[t] != GAP) {
      const Clip& clip = row.clips[owner[t]];
      std::vector<float> frame;
      for (int i = 0; i < FRAME; i++) {
        frame.push_back(pcm[clip.firstSample + (t - clip.firstColumn) * SHIFT + i] / 32768.0f);
      }
      column = logMel(frame.data(), tables, FRAME, FFT);
    }
    expected.insert(expected.end(), column.begin(), column.end());
  }
  const Result result = run(row, pcm, tables, random.oneOf({1, 4}), true);
  // The plain transform adds 400 terms one by one: on a full-scale square wave its error reaches the quiet bins.
  expectNear("fbank_dft", expected, result.naive, 5e-2, 0);
  expectNear("fbank_f32", expected, result.fused, 1e-3, 0);
}

// The path around a library transform, which is played by a plain one in double here.
void checkLibraryPath(unsigned seed) {
  Random random(seed);
  const int length = random.oneOf({320, 400, 551}), shift = random.oneOf({100, 160}), nfft = length > 512 ? 1024 : 512;
  const Tables tables(length, nfft);
  PackedRow row = PackedRow::of({2, 5});
  std::vector<float> samples = random.floats(5 * shift + 2 * length + 2 * shift);
  row.clips[0].firstSample = 0;
  row.clips[1].firstSample = length + 2 * shift;
  const std::vector<int> owner = row.columnClip(1);
  DeviceArray<Clip> clips(row.clips);
  DeviceArray<int> columns(owner);
  DeviceArray<float> wave(samples), window(tables.window), weights(tables.weights);
  DeviceArray<MelFilter> filters(tables.filters);
  DeviceArray<float> frames(static_cast<size_t>(row.W) * nfft), features(static_cast<size_t>(row.W) * B);
  const int warps = 4;
  const dim3 grid(ceilDiv(row.W, warps)), block(WARP, warps);
  LAUNCH(frame_window, grid, block, 0, clips.data(), columns.data(), wave.data(), window.data(), length, shift,
         frames.data(), nfft, row.W);
  const std::vector<float> v = frames.download("frames");
  std::vector<float2> spectrum;
  std::vector<double> expected;
  for (int t = 0; t < row.W; t++) {
    for (int k = 0; k <= nfft / 2; k++) {
      double re = 0, im = 0;
      for (int i = 0; i < nfft; i++) {
        re += v[t * nfft + i] * cos(2 * M_PI * k * i / nfft);
        im -= v[t * nfft + i] * sin(2 * M_PI * k * i / nfft);
      }
      spectrum.push_back({static_cast<float>(re), static_cast<float>(im)});
    }
    std::vector<double> column(B);
    if (owner[t] != GAP) {
      const Clip& clip = row.clips[owner[t]];
      column = logMel(&samples[clip.firstSample + (t - clip.firstColumn) * shift], tables, length, nfft);
    }
    expected.insert(expected.end(), column.begin(), column.end());
  }
  DeviceArray<float2> spectra(spectrum);
  DeviceArray<FixedSum> sums(std::vector<FixedSum>(row.clips.size() * B));
  LAUNCH(power_mel_log, grid, block, warps * (nfft / 2 + 1) * sizeof(float), columns.data(), spectra.data(), nfft,
         filters.data(), weights.data(), EPSILON, features.data(), sums.data(), row.W, B);
  const std::vector<float> actual = features.download("features");
  expectNear("power_mel_log", expected, actual, 1e-4, 0);
  if (sums.download("sums") != sumsOf(row, actual)) {
    fail("power_mel_log: wrong sums over a clip's frames");
  }
}

void checkGolden(const std::string& golden) {
  Tables tables(FRAME, FFT);
  tables.useMatrix(readNpy(golden + "/fbank_steps/mel_bank.npy"), FFT / 2 + 1);
  for (const char* name : {"edge_square_fullscale", "edge_dc_noise", "edge_silence", "edge_half_silence",
                           "edge_400_samples", "edge_1680_samples", "speech_0p3s", "speech_1s"}) {
    const std::vector<short> pcm = readWav(golden + "/wav/" + name + ".wav");
    const std::vector<float> expected = readNpy(golden + "/fbank/" + name + ".npy");
    PackedRow row = PackedRow::of({static_cast<int>(expected.size()) / B});
    row.clips[0].samples = static_cast<int>(pcm.size());
    std::vector<float> actual = run(row, pcm, tables, 4, false).fused;
    actual.resize(expected.size());
    double largest = 0, sum = 0;
    for (size_t i = 0; i < expected.size(); i++) {
      const double d = std::fabs(double(expected[i]) - actual[i]);
      largest = std::fmax(largest, d);
      sum += d;
    }
    const double mean = sum / static_cast<double>(expected.size());
    printf("  %-24s max error %.2e, mean %.2e\n", name, largest, mean);
    if (!(largest <= 1e-3 && mean <= 2e-6)) {
      fail(std::string(name) + ": log-mel error above 1e-3 at most, 2e-6 on average");
    }
  }
}

int main() {
  for (unsigned seed = 0; seed < 6; seed++) {
    checkPacked(seed);
    checkLibraryPath(seed);
  }
  if (const char* golden = getenv("VOICEPRINT_GOLDEN")) {
    checkGolden(golden);
  } else {
    puts("  skipped: comparison with reference data (VOICEPRINT_GOLDEN is not set)");
  }
  puts("fbank, frame_window, power_mel_log: ok");
}
