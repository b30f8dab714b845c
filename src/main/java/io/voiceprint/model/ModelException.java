package io.voiceprint.model;

/**
 * A readable weight file that is not a usable model. The message names the file, the model
 * recognised, and every reason.
 */
public final class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ModelException(String message) {
    super(message);
  }

  public ModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
