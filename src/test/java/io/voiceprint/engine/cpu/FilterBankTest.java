package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.Precision;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.golden.Golden;
import io.voiceprint.golden.Npy;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The filter bank against the original's steps and the reference engine's. */
class FilterBankTest {
  private static final FbankOptions OPTIONS = FbankOptions.speaker(80);
  private final FilterBank filterBank = new FilterBank(OPTIONS);
  private final Workers workers = new Workers(3);

  private static Npy step(String name) {
    return Npy.read(Golden.root().resolve("fbank_steps").resolve(name + ".npy"));
  }

  @Test
  void valuesAreThoseOfTheOriginal() {
    float[] samples = step("waveform").floats();
    double[] expected = step("log_mel").data();
    double[] logMel = new double[expected.length];
    filterBank.logMel(samples, 0, 28, logMel);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], logMel[i], 1e-5, "log-mel value " + i);
    }
    double[] normalised = step("cmn").data();
    Features features = filterBank.features(samples, workers);
    for (int i = 0; i < normalised.length; i++) {
      assertEquals(normalised[i], features.data()[i], 1e-5, "feature " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 559, 560, 4799, 10640, 16000, 163840})
  void valuesAreThoseOfTheReferenceEngine(int count) {
    Random random = new Random(count);
    float[] samples = new float[count];
    for (int i = 0; i < count; i++) {
      samples[i] = (float) (0.3 * Math.sin(i * 0.05) + 0.1 * random.nextGaussian());
    }
    SpeakerModel model = RandomModels.next(new Random(1));
    try (ReferenceEngine reference =
        new ReferenceEngine(model.graph(), model.frontEnd(), Precision.FP32, 1)) {
      Features expected = reference.features(samples);
      Features actual = filterBank.features(samples, workers);
      assertEquals(expected.frames(), actual.frames());
      for (int i = 0; i < expected.data().length; i++) {
        assertEquals(expected.data()[i], actual.data()[i], 1e-6, "value " + i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16, 32, 256, 512, 1024})
  void thePowerSpectrumIsThatOfTheDefinition(int length) {
    double[] signal = new Random(length).doubles(length, -1, 1).toArray();
    double[] power = new double[length / 2 + 1];
    new RealFft(length).power(signal, new double[length / 2], new double[length / 2], power);
    for (int k = 0; k <= length / 2; k++) {
      double re = 0;
      double im = 0;
      for (int n = 0; n < length; n++) {
        double angle = 2 * Math.PI * k * n / length;
        re += signal[n] * Math.cos(angle);
        im -= signal[n] * Math.sin(angle);
      }
      double expected = re * re + im * im;
      assertTrue(Math.abs(expected - power[k]) < 1e-9 * length, "length " + length + ", bin " + k);
    }
  }
}
