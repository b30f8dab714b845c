package io.voiceprint.frontend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.golden.Golden;
import io.voiceprint.golden.Npy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MelBankTest {

  private static float[] row(MelBank bank, int mel) {
    float[] row = new float[bank.spectrumBins()];
    System.arraycopy(bank.weights(mel), 0, row, bank.firstBin(mel), bank.weights(mel).length);
    return row;
  }

  @Test
  void theMatrixIsTheOriginalsToTheLastBitsOfFloat32() {
    Npy expected = Npy.read(Golden.root().resolve("fbank_steps").resolve("mel_bank.npy"));
    MelBank bank = MelBank.of(FbankOptions.speaker(80));
    assertEquals(80, bank.melBins());
    assertEquals(257, bank.spectrumBins());
    for (int m = 0; m < 80; m++) {
      float[] row = row(bank, m);
      for (int k = 0; k < 257; k++) {
        assertEquals(expected.data()[m * 257 + k], row[k], 1e-5, "mel " + m + ", bin " + k);
      }
    }
  }

  @Test
  void theWindowIsTheOriginals() {
    Npy expected = Npy.read(Golden.root().resolve("fbank_steps").resolve("window.npy"));
    double[] window = PoveyWindow.of(400);
    for (int i = 0; i < 400; i++) {
      assertEquals(expected.data()[i], window[i], 1e-12, "sample " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 24, 40, 64, 80, 128})
  void filtersAreTrianglesThatOverlapTheirNeighbours(int bins) {
    MelBank bank = MelBank.of(FbankOptions.speaker(bins));
    for (int m = 0; m < bins; m++) {
      float[] weights = bank.weights(m);
      assertTrue(bank.firstBin(m) + weights.length <= 256, "no weight at the Nyquist frequency");
      int peak = 0;
      for (int k = 1; k < weights.length; k++) {
        assertTrue(weights[k] > 0 && weights[k] <= 1);
        peak = weights[k] > weights[peak] ? k : peak;
      }
      for (int k = 1; k < weights.length; k++) {
        assertTrue(
            k <= peak ? weights[k] >= weights[k - 1] : weights[k] <= weights[k - 1], "one peak");
      }
    }
  }

  @Test
  void nonsenseOptionsAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> new FbankOptions(16000, 1, 160, 80, 20, 0.97));
    assertThrows(
        IllegalArgumentException.class, () -> new FbankOptions(16000, 400, 160, 80, 8000, 0.97));
  }
}
