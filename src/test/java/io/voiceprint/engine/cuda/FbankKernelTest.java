package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.MelBank;
import io.voiceprint.frontend.PoveyWindow;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("gpu")
class FbankKernelTest {

  /** Kinds of signal: noise, a constant with noise of 2 LSB, a full-scale square wave, silence. */
  private enum Signal {
    NOISE,
    CONSTANT,
    SQUARE,
    SILENCE;

    float sample(Random random, int i) {
      return switch (this) {
        case NOISE -> (random.nextInt(20000) - 10000) / 32768f;
        case CONSTANT -> (8000 + random.nextInt(5) - 2) / 32768f;
        case SQUARE -> i / 50 % 2 == 0 ? 32767 / 32768f : -1;
        case SILENCE -> 0;
      };
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NOISE, 400, 160, 80, true",
    "CONSTANT, 400, 160, 80, true",
    "SQUARE, 400, 160, 80, true",
    "SILENCE, 400, 160, 80, true",
    "NOISE, 400, 160, 24, true",
    "NOISE, 400, 160, 80, false",
    "CONSTANT, 400, 160, 80, false",
    "SILENCE, 400, 160, 80, false",
    "NOISE, 320, 100, 80, false",
    "SQUARE, 551, 220, 40, false",
  })
  void computesLogMelEnergies(
      Signal signal, int frameLength, int frameShift, int bins, boolean fused) {
    FbankOptions options = new FbankOptions(16000, frameLength, frameShift, bins, 20, 0.97);
    Random random = new Random(bins);
    TestRow row = TestRow.of(List.of(3, 1, 9), 8);
    int[] clips = row.clipTable();
    int samples = 0;
    for (int clip = 0; clip < row.row().clips(); clip++) {
      clips[4 * clip] = samples;
      clips[4 * clip + 1] = (int) options.samplesFor(row.row().frames(clip));
      samples += clips[4 * clip + 1];
    }
    float[] wave = new float[samples];
    for (int i = 0; i < samples; i++) {
      wave[i] = signal.sample(random, i);
    }
    Tables tables = Tables.of(options);
    int[] owner = row.columnClips(1);
    double[] expected = new double[row.columns() * bins];
    for (int t = 0; t < row.columns(); t++) {
      if (owner[t] != PackedRow.GAP) {
        int frame = t - row.first(owner[t], 1);
        double[] logMel = logMel(options, tables, wave, clips[4 * owner[t]] + frame * frameShift);
        System.arraycopy(logMel, 0, expected, t * bins, bins);
      }
    }
    try (KernelBench bench = KernelBench.open(MathMode.FP32)) {
      KernelBench.Array features = bench.floats(row.columns() * bins);
      FbankKernel kernel = bench.kernels().fbank;
      long clipTable = bench.ints(clips).address();
      long columnClip = bench.ints(owner).address();
      long waveAddress = bench.floats(wave).address();
      FbankKernel.Constants constants = tables.upload(bench);
      if (fused) {
        bench.run(
            kernel.fused(
                clipTable,
                columnClip,
                waveAddress,
                constants,
                features.address(),
                ClipSums.NONE,
                row.columns(),
                bins));
      } else {
        int scratchFloats = (int) FbankKernel.scratchBytes(options, row.columns()) / Float.BYTES;
        KernelBench.Array scratch = bench.floats(scratchFloats);
        bench.run(
            kernel.around(
                clipTable,
                columnClip,
                waveAddress,
                constants,
                options,
                scratch.address(),
                List.of(
                    stream -> {
                      stream.synchronize();
                      scratch.write(transformed(options, scratch, row.columns()));
                    }),
                features.address(),
                ClipSums.NONE,
                row.columns()));
      }
      assertNear(expected, features.read(), 1e-3, 0);
    }
  }

  /** What the library would leave in the scratch: the spectra of all columns behind the frames. */
  private static float[] transformed(FbankOptions options, KernelBench.Array scratch, int columns) {
    float[] content = scratch.read();
    int at = (int) (FbankKernel.spectrum(options, 0, columns) / Float.BYTES);
    int length = options.fftLength();
    for (int t = 0; t < columns; t++) {
      double[] frame = new double[length];
      for (int i = 0; i < length; i++) {
        frame[i] = content[t * length + i];
      }
      double[][] spectrum = dft(frame);
      for (double[] bin : spectrum) {
        content[at++] = (float) bin[0];
        content[at++] = (float) bin[1];
      }
    }
    return content;
  }

  private static double[][] dft(double[] x) {
    double[] cos = new double[x.length];
    double[] sin = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      cos[i] = Math.cos(2 * Math.PI * i / x.length);
      sin[i] = Math.sin(2 * Math.PI * i / x.length);
    }
    double[][] spectrum = new double[x.length / 2 + 1][2];
    for (int k = 0; k < spectrum.length; k++) {
      for (int i = 0; i < x.length; i++) {
        spectrum[k][0] += x[i] * cos[k * i % x.length];
        spectrum[k][1] -= x[i] * sin[k * i % x.length];
      }
    }
    return spectrum;
  }

  private static double[] logMel(FbankOptions options, Tables tables, float[] wave, int begin) {
    int length = options.frameLength();
    double mean = 0;
    for (int i = 0; i < length; i++) {
      mean += wave[begin + i] / (double) length;
    }
    double[] frame = new double[options.fftLength()];
    for (int i = 0; i < length; i++) {
      double before = wave[begin + Math.max(i - 1, 0)] - mean;
      frame[i] = (wave[begin + i] - mean - 0.97 * before) * tables.window[i];
    }
    double[][] spectrum = dft(frame);
    double[] result = new double[options.melBins()];
    for (int b = 0; b < result.length; b++) {
      for (int k = 0; k < tables.filters[3 * b + 1]; k++) {
        double[] bin = spectrum[tables.filters[3 * b] + k];
        result[b] +=
            tables.weights[tables.filters[3 * b + 2] + k] * (bin[0] * bin[0] + bin[1] * bin[1]);
      }
      result[b] = Math.log(Math.max(result[b], FbankOptions.ENERGY_FLOOR));
    }
    return result;
  }

  /** The constants as the kernels read them. */
  record Tables(float[] window, float[] twiddles, int[] filters, float[] weights) {

    static Tables of(FbankOptions options) {
      double[] window = PoveyWindow.of(options.frameLength());
      float[] floats = new float[window.length];
      for (int i = 0; i < window.length; i++) {
        floats[i] = (float) window[i];
      }
      float[] twiddles = new float[2 * options.fftLength()];
      for (int k = 0; k < options.fftLength(); k++) {
        twiddles[2 * k] = (float) Math.cos(2 * Math.PI * k / options.fftLength());
        twiddles[2 * k + 1] = (float) -Math.sin(2 * Math.PI * k / options.fftLength());
      }
      MelBank bank = MelBank.of(options);
      int[] filters = new int[3 * bank.melBins()];
      float[] weights = new float[2 * bank.spectrumBins()];
      int total = 0;
      for (int b = 0; b < bank.melBins(); b++) {
        float[] row = bank.weights(b);
        System.arraycopy(new int[] {bank.firstBin(b), row.length, total}, 0, filters, 3 * b, 3);
        System.arraycopy(row, 0, weights, total, row.length);
        total += row.length;
      }
      return new Tables(floats, twiddles, filters, weights);
    }

    FbankKernel.Constants upload(KernelBench bench) {
      return new FbankKernel.Constants(
          bench.floats(window).address(),
          bench.floats(twiddles).address(),
          bench.ints(filters).address(),
          bench.floats(weights).address());
    }
  }
}
