package io.voiceprint.server.tensor;

/** A request that breaks the protocol; the message says where and how. */
public final class TensorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line for people
   */
  public TensorException(String message) {
    super(message);
  }
}
