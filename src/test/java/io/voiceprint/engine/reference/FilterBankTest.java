package io.voiceprint.engine.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.golden.Golden;
import io.voiceprint.golden.Npy;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The filter bank step by step against the original's, and its Fourier transform against the
 * definition.
 */
class FilterBankTest {
  private static final FbankOptions OPTIONS = FbankOptions.speaker(80);
  private final FilterBank filterBank = new FilterBank(OPTIONS);

  private static Npy step(String name) {
    return Npy.read(Golden.root().resolve("fbank_steps").resolve(name + ".npy"));
  }

  @Test
  void everyStepIsThatOfTheOriginal() {
    float[] samples = step("waveform").floats();
    double[] frames = step("frames").data();
    double[] powers = step("power").data();
    double[] energies = step("mel_energy").data();
    double[] frame = new double[512];
    double[] power = new double[257];
    for (int t = 0; t < 28; t++) {
      filterBank.cutFrame(samples, t * 160, frame);
      for (int i = 0; i < 512; i++) {
        assertEquals(frames[t * 512 + i], frame[i], 1e-12, "frame " + t + ", sample " + i);
      }
      filterBank.power(frame, new double[512], power);
      for (int k = 0; k < 257; k++) {
        double expected = powers[t * 257 + k];
        assertEquals(expected, power[k], 1e-12 + 1e-9 * expected, "frame " + t + ", bin " + k);
      }
      // Six of the matrix's 501 weights differ in the last bit of a logarithm, 7e-6 at most.
      for (int m = 0; m < 80; m++) {
        double expected = energies[t * 80 + m];
        assertEquals(
            expected,
            filterBank.melEnergy(power, m),
            1e-12 + 1e-5 * expected,
            "frame " + t + ", mel " + m);
      }
    }
    double[] logMel = step("log_mel").data();
    double[] actual = filterBank.logMel(samples);
    for (int i = 0; i < logMel.length; i++) {
      assertEquals(logMel[i], actual[i], 1e-5, "log-mel value " + i);
    }
    double[] cmn = step("cmn").data();
    Features features = filterBank.features(samples);
    for (int i = 0; i < cmn.length; i++) {
      assertEquals(cmn[i], features.data()[i], 1e-5, "feature " + i);
    }
  }

  @Test
  void aConstantSignalSitsOnTheFloorAndNormalisesToZero() {
    float[] constant = new float[1600];
    Arrays.fill(constant, 0.25f);
    for (double value : filterBank.logMel(constant)) {
      assertEquals(Math.log(0x1p-23), value, 0.0);
    }
    for (float value : filterBank.features(constant).data()) {
      assertEquals(0f, value, 1e-6f);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 559, 560, 719, 720, 16000})
  void thereIsAFrameForEveryWholeWindow(int samples) {
    assertEquals(1 + (samples - 400) / 160, OPTIONS.frames(samples));
    assertEquals(OPTIONS.frames(samples), filterBank.logMel(new float[samples]).length / 80);
    int frames = OPTIONS.frames(samples);
    assertEquals(frames, OPTIONS.frames(OPTIONS.samplesFor(frames)));
    assertEquals(frames - 1, OPTIONS.frames(OPTIONS.samplesFor(frames) - 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 32, 512})
  void theTransformIsTheDiscreteFourierTransform(int length) {
    Random random = new Random(length);
    double[] real = random.doubles(length, -1, 1).toArray();
    double[] imaginary = random.doubles(length, -1, 1).toArray();
    double[] actualReal = real.clone();
    double[] actualImaginary = imaginary.clone();
    new Fft(length).transform(actualReal, actualImaginary);
    for (int k = 0; k < length; k++) {
      double sumReal = 0;
      double sumImaginary = 0;
      for (int n = 0; n < length; n++) {
        double angle = -2 * Math.PI * k * n / length;
        sumReal += real[n] * Math.cos(angle) - imaginary[n] * Math.sin(angle);
        sumImaginary += real[n] * Math.sin(angle) + imaginary[n] * Math.cos(angle);
      }
      assertTrue(Math.hypot(sumReal - actualReal[k], sumImaginary - actualImaginary[k]) < 1e-10);
    }
  }
}
