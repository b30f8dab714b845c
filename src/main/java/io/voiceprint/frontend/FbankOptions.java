package io.voiceprint.frontend;

/**
 * Options of the Kaldi-compatible log-mel filter bank, named as in {@code
 * torchaudio.compliance.kaldi.fbank}. What is not an option here is fixed as the published models
 * need it: povey window, DC removal, snip edges, power spectrum, no dither, no energy column,
 * natural log with the float32 epsilon as floor.
 *
 * @param sampleRate in Hz ({@code sample_frequency}; 16000)
 * @param frameLength in samples ({@code frame_length}; 25 ms = 400)
 * @param frameShift in samples ({@code frame_shift}; 10 ms = 160)
 * @param melBins number of triangular filters ({@code num_mel_bins}; 80)
 * @param lowFrequency lower edge of the first filter in Hz ({@code low_freq}; 20)
 * @param preemphasis coefficient ({@code preemphasis_coefficient}; 0.97)
 */
public record FbankOptions(
    int sampleRate,
    int frameLength,
    int frameShift,
    int melBins,
    double lowFrequency,
    double preemphasis) {

  /** Floor of a mel energy before the logarithm: the epsilon of float32, 2^-23. */
  public static final float ENERGY_FLOOR = 0x1p-23f;

  public FbankOptions {
    if (sampleRate < 1 || frameLength < 2 || frameShift < 1 || melBins < 1) {
      throw new IllegalArgumentException(
          "fbank: sampleRate=%d, frameLength=%d, frameShift=%d, melBins=%d"
              .formatted(sampleRate, frameLength, frameShift, melBins));
    }
    if (!(lowFrequency >= 0 && lowFrequency < sampleRate / 2.0)) {
      throw new IllegalArgumentException("fbank: lowFrequency=" + lowFrequency + " Hz");
    }
  }

  /** The front end of 3D-Speaker's models: 16 kHz, 25 ms frames every 10 ms. */
  public static FbankOptions speaker(int melBins) {
    return new FbankOptions(16000, 400, 160, melBins, 20.0, 0.97);
  }

  /** Length of the Fourier transform: the next power of two. */
  public int fftLength() {
    return Integer.highestOneBit(frameLength - 1) << 1;
  }

  /** Bins of the power spectrum: {@code fftLength / 2 + 1}. */
  public int spectrumBins() {
    return fftLength() / 2 + 1;
  }

  /**
   * Whole frames in {@code samples} samples (snip edges); 0 if there are fewer than one frame's.
   */
  public int frames(long samples) {
    return samples < frameLength ? 0 : Math.toIntExact(1 + (samples - frameLength) / frameShift);
  }

  /** Fewest samples that give {@code frames} frames. */
  public long samplesFor(int frames) {
    return frameLength + (long) (frames - 1) * frameShift;
  }
}
