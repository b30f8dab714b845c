package io.voiceprint.audio;

/** Audio that is longer than its reader was told to read. */
public final class TooLongException extends AudioException {
  private static final long serialVersionUID = 1L;

  /**
   * @param name of the input
   * @param mostSamples per channel that the reader takes, at the input's own rate
   */
  TooLongException(String name, int mostSamples) {
    super("%s: longer than %d samples per channel; split it".formatted(name, mostSamples));
  }
}
