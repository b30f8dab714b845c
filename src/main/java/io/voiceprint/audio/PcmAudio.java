package io.voiceprint.audio;

/**
 * Mono PCM.
 *
 * @param samples amplitude, nominally in [-1, 1]; shared, not copied
 * @param sampleRate in Hz
 */
public record PcmAudio(float[] samples, int sampleRate) {
  public PcmAudio {
    if (sampleRate < 1) {
      throw new IllegalArgumentException("sampleRate=" + sampleRate + " Hz");
    }
  }

  /** Samples after resampling to a rate in Hz: as many as begin before the last one ends. */
  public long samplesAt(int rate) {
    return ((long) samples.length * rate + sampleRate - 1) / sampleRate;
  }

  /** Length in seconds. */
  public double seconds() {
    return (double) samples.length / sampleRate;
  }
}
