package io.voiceprint.server.config;

/** A configuration that cannot be used. The message says where, what and what to do. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line for people
   */
  public ConfigException(String message) {
    super(message);
  }
}
