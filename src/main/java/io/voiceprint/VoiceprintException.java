package io.voiceprint;

/**
 * Something this library was asked to do could not be done. The message is one line that names the
 * file, the reason and the remedy. Thrown as it is where the engine computed nonsense or the caller
 * was interrupted; the subclasses say what was unusable.
 */
public class VoiceprintException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line for people
   */
  public VoiceprintException(String message) {
    super(message);
  }

  /**
   * @param message one line for people
   * @param cause what was caught, may be {@code null}
   */
  public VoiceprintException(String message, Throwable cause) {
    super(message, cause);
  }
}
