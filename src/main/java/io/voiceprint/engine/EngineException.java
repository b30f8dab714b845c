package io.voiceprint.engine;

/**
 * A device or an engine on it failed. The message says what was called, with which shapes, and what
 * to do.
 */
public class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public EngineException(String message) {
    super(message);
  }

  public EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
