package io.voiceprint.frontend;

import java.util.Arrays;

/**
 * Triangular mel filters, computed in float32 step by step as {@code
 * torchaudio.compliance.kaldi.get_mel_banks} does: the original features come from that rounded
 * matrix, and an exact one would differ by more than the rest of the front end. mel = 1127 ln(1 + f
 * / 700).
 */
public final class MelBank {
  private final int[] firstBin;
  private final float[][] weights;
  private final int spectrumBins;

  private MelBank(int[] firstBin, float[][] weights, int spectrumBins) {
    this.firstBin = firstBin;
    this.weights = weights;
    this.spectrumBins = spectrumBins;
  }

  /** The filters for those options, from the low frequency to the Nyquist frequency. */
  public static MelBank of(FbankOptions options) {
    int fftBins = options.fftLength() / 2;
    double low = mel(options.lowFrequency());
    double high = mel(options.sampleRate() / 2.0);
    float lowF = (float) low;
    float delta = (float) ((high - low) / (options.melBins() + 1));
    double binWidth = (double) options.sampleRate() / options.fftLength();
    float[] melOfBin = new float[fftBins];
    for (int k = 0; k < fftBins; k++) {
      float frequency = (float) (binWidth * k);
      melOfBin[k] = 1127f * (float) Math.log(1f + frequency / 700f);
    }
    int[] firstBin = new int[options.melBins()];
    float[][] weights = new float[options.melBins()][];
    for (int m = 0; m < options.melBins(); m++) {
      float left = lowF + m * delta;
      float center = lowF + (m + 1f) * delta;
      float right = lowF + (m + 2f) * delta;
      float[] row = new float[fftBins];
      int first = fftBins;
      int last = -1;
      for (int k = 0; k < fftBins; k++) {
        float up = (melOfBin[k] - left) / (center - left);
        float down = (right - melOfBin[k]) / (right - center);
        row[k] = Math.max(0f, Math.min(up, down));
        if (row[k] > 0) {
          first = Math.min(first, k);
          last = k;
        }
      }
      firstBin[m] = last < 0 ? 0 : first;
      weights[m] = last < 0 ? new float[0] : Arrays.copyOfRange(row, first, last + 1);
    }
    return new MelBank(firstBin, weights, options.spectrumBins());
  }

  private static double mel(double frequencyHz) {
    return 1127.0 * Math.log(1.0 + frequencyHz / 700.0);
  }

  /** Number of filters. */
  public int melBins() {
    return firstBin.length;
  }

  /**
   * Bins of the power spectrum the filters apply to; the last one, at the Nyquist frequency, has no
   * weight.
   */
  public int spectrumBins() {
    return spectrumBins;
  }

  /** First spectrum bin with a weight in filter {@code mel}. */
  public int firstBin(int mel) {
    return firstBin[mel];
  }

  /** The non-zero weights of filter {@code mel}, from {@link #firstBin} on; shared, not copied. */
  public float[] weights(int mel) {
    return weights[mel];
  }
}
