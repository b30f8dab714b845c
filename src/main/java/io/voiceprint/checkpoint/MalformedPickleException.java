package io.voiceprint.checkpoint;

/** A pickle that is damaged, or holds something that is not read. */
final class MalformedPickleException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedPickleException(String message) {
    super(message);
  }
}
