package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.audio.AudioReader;
import io.voiceprint.cuda.CudaLibraries;
import io.voiceprint.cuda.CudaLibrary;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.golden.Golden;
import io.voiceprint.model.RandomModels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Features whose spectra cuFFT computes, alone, without a network behind them: also those of 25 ms
 * frames, for which there are the original's values and which the engine computes without cuFFT.
 */
@Tag("gpu")
class CufftFeaturesTest {
  /** As for the fused kernel; the largest errors are next to the floor of the energies. */
  private static final double MAX_ERROR = 1e-3;

  private static final double MEAN_ERROR = 2e-6;

  @BeforeEach
  void needsCufft() {
    TestEngines.device();
    CudaLibraries.Status status = CudaLibraries.status(CudaLibrary.CUFFT);
    assumeTrue(status.isUsable() || Boolean.getBoolean("require.cuda"), status::problem);
  }

  @Test
  void thoseOfTheUsualFramesAreTheOriginals() throws Exception {
    List<String> names = new ArrayList<>();
    List<float[]> clips = new ArrayList<>();
    int longest = TestEngines.isSlow() ? 300 : 10_000;
    for (Golden.Wav wav : Golden.wavs()) {
      if (wav.sampleRate() == 16_000 && Golden.features(wav.name()).frames() <= longest) {
        names.add(wav.name());
        clips.add(new AudioReader().read(wav.file()).audio().samples());
      }
    }
    assertFalse(names.isEmpty());
    List<float[]> features = features(FbankOptions.speaker(80), clips);
    for (int i = 0; i < names.size(); i++) {
      assertClose(names.get(i), Golden.features(names.get(i)).data(), features.get(i));
    }
  }

  @ParameterizedTest
  @CsvSource({"400, 160", "320, 160", "512, 128", "513, 200", "1000, 250"})
  void thoseOfRandomClipsAreTheReferences(int length, int shift) {
    FbankOptions options = new FbankOptions(16_000, length, shift, 80, 20, 0.97);
    Random random = new Random(length);
    List<float[]> clips =
        Stream.generate(() -> clip(length + random.nextInt(6_000), random)).limit(5).toList();
    List<float[]> features = features(options, clips);
    try (Engine reference =
        new ReferenceEngine(RandomModels.next(random).graph(), options, Precision.FP32, 1)) {
      for (int i = 0; i < clips.size(); i++) {
        assertClose("clip " + i, reference.features(clips.get(i)).data(), features.get(i));
      }
    }
  }

  /** Noise and a tone, from nearly silent to nearly full scale. */
  private static float[] clip(int count, Random random) {
    double volume = Math.pow(10, -3 * random.nextDouble());
    double frequency = 3 * random.nextDouble();
    float[] samples = new float[count];
    for (int i = 0; i < count; i++) {
      double noise = Math.max(-0.5, Math.min(0.5, 0.1 * random.nextGaussian()));
      samples[i] = (float) (volume * (0.4 * Math.sin(frequency * i) + noise));
    }
    return samples;
  }

  private static void assertClose(String clip, float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length, clip);
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(actual[i] - expected[i]);
      assertTrue(error <= MAX_ERROR, () -> "%s: error %.1e".formatted(clip, error));
      sum += error;
    }
    double mean = sum / expected.length;
    assertTrue(mean <= MEAN_ERROR, () -> "%s: mean error %.1e".formatted(clip, mean));
  }

  /** (frames × bins) of each clip, all computed in one row. */
  private static List<float[]> features(FbankOptions options, List<float[]> utterances) {
    TestRow row = TestRow.of(utterances.stream().map(u -> options.frames(u.length)).toList(), 8);
    int[] clips = row.clipTable();
    int total = 0;
    for (int i = 0; i < utterances.size(); i++) {
      clips[4 * i] = total;
      clips[4 * i + 1] = utterances.get(i).length;
      total += utterances.get(i).length;
    }
    float[] wave = new float[total];
    for (int i = 0; i < utterances.size(); i++) {
      System.arraycopy(utterances.get(i), 0, wave, clips[4 * i], clips[4 * i + 1]);
    }
    float[] all = computed(options, row, clips, wave);
    List<float[]> features = new ArrayList<>();
    for (int i = 0; i < utterances.size(); i++) {
      int from = row.first(i, 1) * options.melBins();
      features.add(Arrays.copyOfRange(all, from, from + row.count(i, 1) * options.melBins()));
    }
    return features;
  }

  private static float[] computed(FbankOptions options, TestRow row, int[] clips, float[] wave) {
    FbankKernelTest.Tables tables = FbankKernelTest.Tables.of(options);
    int columns = row.columns();
    try (KernelBench bench = KernelBench.open(MathMode.FP32)) {
      KernelBench.Array features = bench.floats(columns * options.melBins());
      int scratchFloats = (int) (FbankKernel.scratchBytes(options, columns) / Float.BYTES);
      long scratch = bench.floats(scratchFloats).address();
      long clipTable = bench.ints(clips).address();
      bench.run(
          bench
              .kernels()
              .fbank
              .around(
                  clipTable,
                  bench.ints(row.columnClips(1)).address(),
                  bench.floats(wave).address(),
                  tables.upload(bench),
                  options,
                  scratch,
                  FbankKernel.pieces(options, columns)
                      .launches(
                          new RowLibraries(new LaneLibraries(bench.stream())),
                          scratch,
                          FbankKernel.spectrum(options, scratch, columns),
                          FbankKernel.work(options, scratch, columns)),
                  features.address(),
                  ClipSums.NONE,
                  columns));
      bench.run(
          bench
              .kernels()
              .cmn
              .launch(
                  clipTable, row.row().clips(), features.address(), columns, options.melBins()));
      return features.read();
    }
  }
}
