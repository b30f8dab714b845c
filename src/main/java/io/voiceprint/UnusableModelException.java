package io.voiceprint;

/** A weight file that cannot be read, or holds no network that is known. */
public final class UnusableModelException extends VoiceprintException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line for people
   */
  public UnusableModelException(String message) {
    super(message);
  }

  /**
   * @param message one line for people
   * @param cause what was caught, may be {@code null}
   */
  public UnusableModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
