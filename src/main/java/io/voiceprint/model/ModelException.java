package io.voiceprint.model;

/**
 * A readable weight file that is not a usable model. The message names the file, the model
 * recognised, and every reason.
 */
public final class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int MAX_MESSAGE = 4000;

  public ModelException(String message) {
    super(oneLine(message));
  }

  public ModelException(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  /** Messages quote names out of the file, which may hold anything. */
  private static String oneLine(String message) {
    String line = message.replaceAll("[\\p{Cntrl}\u2028\u2029]", "?");
    return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE) + "...";
  }
}
