package io.voiceprint.cli;

/** A result that would replace another one. */
final class ResultConflictException extends Exception {
  private static final long serialVersionUID = 1L;

  ResultConflictException(String message) {
    super(message);
  }
}
