package io.voiceprint;

/** The timeout of an utterance passed before its embedding was there. */
public final class DeadlineExceededException extends VoiceprintException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line for people
   * @param cause what was caught, may be {@code null}
   */
  public DeadlineExceededException(String message, Throwable cause) {
    super(message, cause);
  }
}
