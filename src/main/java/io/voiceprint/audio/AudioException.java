package io.voiceprint.audio;

import java.io.IOException;

/**
 * Audio that cannot be used. The message says what is wrong and what to do; it names the file where
 * there is one.
 */
public sealed class AudioException extends IOException permits TooLongException {
  private static final long serialVersionUID = 1L;

  public AudioException(String message) {
    super(message);
  }

  public AudioException(String message, Throwable cause) {
    super(message, cause);
  }
}
