package io.voiceprint.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.golden.Golden;
import io.voiceprint.golden.Npy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResamplerTest {
  private static final int TARGET = 16_000;

  /** Output samples at each end that the filter's edges may disturb. */
  private static final int MARGIN = 400;

  @ParameterizedTest
  @ValueSource(
      ints = {
        8000, 11025, 12345, 15999, 16001, 22050, 24000, 32000, 44100, 48000, 96000, 191999, 192000
      })
  void passesItsBandWithoutDelayAndStopsTheRest(int rate) {
    int limit = Math.min(rate, TARGET) / 2;
    for (double share : new double[] {0.003, 0.11, 0.37, 0.62, 0.8, 0.93}) {
      double hertz = share * limit;
      float[] output = resample(sine(hertz, rate, rate / 4), rate);
      double error = 0;
      for (int n = MARGIN; n < output.length - MARGIN; n++) {
        double expected = 0.5 * Math.sin(2 * Math.PI * hertz * n / TARGET);
        error = Math.max(error, Math.abs(output[n] - expected));
      }
      assertTrue(error < 0.5e-4, "%d Hz at %.0f Hz: error %g".formatted(rate, hertz, error));
    }
    if (rate > TARGET) {
      for (double share : new double[] {1.0, 1.03, 1.2, 1.5, 1.9}) {
        double hertz = share * limit;
        if (hertz < rate / 2.0) {
          float[] output = resample(sine(hertz, rate, rate / 4), rate);
          double leak = peak(output, MARGIN, output.length - MARGIN) / 0.5;
          assertTrue(
              leak < 1e-4,
              "%d Hz lets %.0f Hz through at %.1f dB"
                  .formatted(rate, hertz, 20 * Math.log10(leak)));
        }
      }
    }
  }

  /** Images of the input's spectrum above its Nyquist frequency, seen by correlation. */
  @ParameterizedTest
  @ValueSource(ints = {8000, 11025, 12345})
  void suppressesImages(int rate) {
    for (double share : new double[] {0.5, 0.8, 0.93}) {
      double hertz = share * rate / 2;
      double image = rate - hertz;
      if (image > 0.98 * TARGET / 2) {
        continue;
      }
      float[] output = resample(sine(hertz, rate, rate / 2), rate);
      double real = 0;
      double imaginary = 0;
      double weights = 0;
      for (int n = MARGIN; n < output.length - MARGIN; n++) {
        double x = Math.PI * (n - MARGIN) / (output.length - 2.0 * MARGIN);
        double weight = Math.pow(Math.sin(x), 4);
        double angle = 2 * Math.PI * image * n / TARGET;
        real += weight * output[n] * Math.cos(angle);
        imaginary += weight * output[n] * Math.sin(angle);
        weights += weight;
      }
      double level = 2 * Math.hypot(real, imaginary) / weights / 0.5;
      assertTrue(
          level < 1e-4,
          "%d Hz: image of %.0f Hz at %.1f dB".formatted(rate, hertz, 20 * Math.log10(level)));
    }
  }

  /** The frequency response of the table itself, by direct Fourier transform of all phases. */
  @ParameterizedTest
  @ValueSource(ints = {8000, 11025, 22050, 24000, 32000, 44100, 48000, 96000, 192000, 12345})
  void filterTableMeetsItsDesign(int rate) {
    PolyphaseFilter filter = Resampler.of(rate, TARGET).filter();
    double nyquist = Math.min(1.0, (double) filter.up() / filter.down()) / 2;
    double ripple = 0;
    double stop = 0;
    for (int step = 0; step <= 8; step++) {
      ripple = Math.max(ripple, Math.abs(response(filter, 0.93 * nyquist * step / 8) - 1));
      double limit = filter.phases() / 2.0;
      stop = Math.max(stop, response(filter, Math.min(nyquist * (1 + step * 0.337), limit)));
    }
    assertTrue(ripple < 5e-5, rate + " Hz: pass band ripple " + ripple);
    assertTrue(stop < 1e-4, rate + " Hz: stop band at " + 20 * Math.log10(stop) + " dB");
  }

  private static double response(PolyphaseFilter filter, double cyclesPerInputSample) {
    double real = 0;
    double imaginary = 0;
    for (int phase = 0; phase < filter.phases(); phase++) {
      for (int k = 0; k < filter.taps(); k++) {
        double t = (double) phase / filter.phases() - (k - filter.taps() / 2 + 1);
        double angle = 2 * Math.PI * cyclesPerInputSample * t;
        float tap = filter.table()[phase * filter.taps() + k];
        real += tap * Math.cos(angle);
        imaginary += tap * Math.sin(angle);
      }
    }
    return Math.hypot(real, imaginary) / filter.phases();
  }

  @ParameterizedTest
  @ValueSource(ints = {8000, 22050, 44100, 48000, 191999})
  void impulseStaysWhereItIsAndIsSymmetric(int rate) {
    int step = Resampler.of(rate, TARGET).filter().down();
    int at = step >= rate / 8 ? 0 : step * (rate / 4 / step);
    float[] input = new float[rate / 2];
    input[at] = 1;
    float[] output = resample(input, rate);
    int centre = (int) ((long) at * TARGET / rate);
    int loudest = 0;
    for (int n = 0; n < output.length; n++) {
      loudest = Math.abs(output[n]) > Math.abs(output[loudest]) ? n : loudest;
    }
    assertEquals(centre, loudest);
    for (int n = 1; n <= Math.min(centre, 50); n++) {
      assertEquals(output[centre + n], output[centre - n], 1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({"0,0", "1,1", "2,1", "3,1", "31,11", "32,11", "33,11", "127,43", "1021,341"})
  void lengthIsTheCeiling(int samples, int expected) {
    assertEquals(expected, resample(new float[samples], 48_000).length);
    assertEquals(expected, Resampler.of(48_000, TARGET).outputLength(samples));
  }

  @ParameterizedTest
  @ValueSource(ints = {8000, 12345, 44100, 191999})
  void constantStaysConstant(int rate) {
    float[] input = new float[rate / 2];
    Arrays.fill(input, 0.25f);
    float[] output = resample(input, rate);
    for (int n = MARGIN; n < output.length - MARGIN; n++) {
      assertEquals(0.25f, output[n], 1e-6);
    }
  }

  /** Each sample anew from the formula of {@link PolyphaseFilter}, over several windows. */
  @ParameterizedTest
  @ValueSource(ints = {8000, 22050, 44100, 191999})
  void everySampleIsItsSumOverTheWholeInput(int rate) {
    Random random = new Random(rate);
    float[] input = new float[(int) (1.7 * rate)];
    for (int i = 0; i < input.length; i++) {
      input[i] = random.nextFloat() - 0.5f;
    }
    PolyphaseFilter filter = Resampler.of(rate, TARGET).filter();
    float[] output = resample(input, rate);
    for (int n = 0; n < output.length; n++) {
      long position = (long) n * filter.down();
      double phase = (double) (position % filter.up()) * filter.phases() / filter.up();
      int row = (int) phase;
      double between = phase - row;
      double sum = 0;
      for (int k = 0; k < filter.taps(); k++) {
        long at = position / filter.up() - filter.taps() / 2 + 1 + k;
        if (at >= 0 && at < input.length) {
          double low = filter.table()[row * filter.taps() + k];
          double tap =
              between == 0
                  ? low
                  : low + between * (filter.table()[(row + 1) * filter.taps() + k] - low);
          sum += tap * input[(int) at];
        }
      }
      assertEquals(sum, output[n], 1e-6, "sample " + n);
    }
  }

  @Test
  void equalRatesChangeNothing() {
    PcmAudio audio = new PcmAudio(new float[] {1, 2, 3}, TARGET);
    assertSame(audio, Resampler.of(TARGET, TARGET).resample(audio));
  }

  @Test
  void isLinear() {
    Random random = new Random(7);
    float[] a = new float[4000];
    float[] b = new float[4000];
    float[] sum = new float[4000];
    for (int i = 0; i < a.length; i++) {
      a[i] = random.nextFloat() - 0.5f;
      b[i] = random.nextFloat() - 0.5f;
      sum[i] = a[i] + b[i];
    }
    float[] first = resample(a, 44_100);
    float[] second = resample(b, 44_100);
    for (int n = 0; n < first.length; n++) {
      first[n] += second[n];
    }
    assertArrayEquals(first, resample(sum, 44_100), 1e-6f);
  }

  @Test
  void everyTableIsBounded() {
    Random random = new Random(11);
    for (int i = 0; i < 6; i++) {
      int rate = Resampler.MIN_RATE + random.nextInt(Resampler.MAX_RATE - Resampler.MIN_RATE);
      assertTrue(Resampler.of(rate, TARGET).filter().table().length < 1_500_000, rate + " Hz");
    }
    assertTrue(Resampler.of(191_999, 8000).filter().table().length < 3_000_000);
  }

  @Test
  void refusesRatesOutOfBounds() {
    for (int rate : new int[] {-1, 0, 7999, 192_001, Integer.MAX_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> Resampler.of(rate, TARGET));
      assertThrows(IllegalArgumentException.class, () -> Resampler.of(TARGET, rate));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> Resampler.of(8000, TARGET).resample(new PcmAudio(new float[5], 8001)));
  }

  /** Another design cannot give the same numbers; below the transition band it must be close. */
  @ParameterizedTest
  @CsvSource({"fmt_8k, 0.99999", "fmt_44k1_stereo, 0.99999"})
  void isCloseToTheReferenceResampler(String name, double bound) throws IOException {
    Path golden = Golden.root();
    float[] ours =
        new AudioReader()
            .read(golden.resolve("wav/" + name + ".wav"))
            .resampled(TARGET)
            .audio()
            .samples();
    float[] sox = Npy.read(golden.resolve("resampled/" + name + ".sox.npy")).floats();
    assertEquals(sox.length, ours.length);
    double cross = 0;
    double oursSquared = 0;
    double soxSquared = 0;
    for (int n = 0; n < ours.length; n++) {
      cross += (double) ours[n] * sox[n];
      oursSquared += (double) ours[n] * ours[n];
      soxSquared += (double) sox[n] * sox[n];
    }
    double correlation = cross / Math.sqrt(oursSquared * soxSquared);
    assertTrue(correlation > bound, name + ": correlation " + correlation);
  }

  private static float[] resample(float[] samples, int rate) {
    return Resampler.of(rate, TARGET).resample(new PcmAudio(samples, rate)).samples();
  }

  private static float[] sine(double hertz, int rate, int samples) {
    float[] sine = new float[samples];
    for (int i = 0; i < samples; i++) {
      sine[i] = (float) (0.5 * Math.sin(2 * Math.PI * hertz * i / rate));
    }
    return sine;
  }

  private static double peak(float[] samples, int from, int to) {
    double peak = 0;
    for (int n = from; n < to; n++) {
      peak = Math.max(peak, Math.abs(samples[n]));
    }
    return peak;
  }
}
