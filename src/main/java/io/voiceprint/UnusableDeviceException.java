package io.voiceprint;

/** A device that was asked for and is missing, cannot hold the model, or failed. */
public final class UnusableDeviceException extends VoiceprintException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line for people
   */
  public UnusableDeviceException(String message) {
    super(message);
  }

  /**
   * @param message one line for people
   * @param cause what was caught, may be {@code null}
   */
  public UnusableDeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
