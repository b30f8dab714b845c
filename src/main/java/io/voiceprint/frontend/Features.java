package io.voiceprint.frontend;

/**
 * Features of one utterance.
 *
 * @param frames number of frames T, at least 1
 * @param bins number of mel bins F
 * @param data (T, F) in C order, natural log; shared, not copied
 */
public record Features(int frames, int bins, float[] data) {
  public Features {
    if (frames < 1 || bins < 1 || data.length != (long) frames * bins) {
      throw new IllegalArgumentException(
          "features: frames=%d, bins=%d, elements=%d".formatted(frames, bins, data.length));
    }
  }
}
