package io.voiceprint.audio;

import java.util.Objects;

/**
 * Mono PCM.
 *
 * @param array the samples as they are held, floats or 16-bit integers; shared, not copied
 * @param sampleRate in Hz
 */
public record PcmAudio(SampleArray array, int sampleRate) {
  public PcmAudio {
    Objects.requireNonNull(array, "array");
    if (sampleRate < 1) {
      throw new IllegalArgumentException("sampleRate=" + sampleRate + " Hz");
    }
  }

  /**
   * Of floats.
   *
   * @param samples amplitude, nominally in [-1, 1]; shared, not copied
   * @param sampleRate in Hz
   */
  public PcmAudio(float[] samples, int sampleRate) {
    this(new SampleArray.Floats(samples), sampleRate);
  }

  /**
   * Of 16-bit integers. Devices get them as they are, half as many bytes as floats, and compute the
   * same bits.
   *
   * @param samples amplitude times 2^15; shared, not copied
   * @param sampleRate in Hz
   */
  public PcmAudio(short[] samples, int sampleRate) {
    this(new SampleArray.Int16(samples), sampleRate);
  }

  /** How many samples there are. */
  public int length() {
    return array.length();
  }

  /**
   * The samples as amplitudes, nominally in [-1, 1]: the array that is held if it holds floats,
   * else a new one for each call.
   */
  public float[] samples() {
    return array.toFloats();
  }

  /** Samples after resampling to a rate in Hz: as many as begin before the last one ends. */
  public long samplesAt(int rate) {
    return ((long) length() * rate + sampleRate - 1) / sampleRate;
  }

  /** Length in seconds. */
  public double seconds() {
    return (double) length() / sampleRate;
  }
}
