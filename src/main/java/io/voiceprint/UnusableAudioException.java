package io.voiceprint;

/** Audio that cannot be read, or has no embedding: not finite, too short, too long. */
public final class UnusableAudioException extends VoiceprintException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line for people
   */
  public UnusableAudioException(String message) {
    super(message);
  }

  /**
   * @param message one line for people
   * @param cause what was caught, may be {@code null}
   */
  public UnusableAudioException(String message, Throwable cause) {
    super(message, cause);
  }
}
