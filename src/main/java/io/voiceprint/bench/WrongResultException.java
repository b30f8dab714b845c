package io.voiceprint.bench;

/** What was to be timed gives wrong numbers. */
final class WrongResultException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WrongResultException(String message) {
    super(message);
  }
}
