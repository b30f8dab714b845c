package io.voiceprint.peers.onnxruntime;

/** The model, the device or the library cannot be used; the message says why. */
final class UnusableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnusableException(String message) {
    super(message);
  }
}
