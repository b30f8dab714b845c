package io.voiceprint.batch;

/** There is no room in the queue, and the submitter does not wait for it. */
public final class QueueFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long retryAfterNanos;

  QueueFullException(String message, long retryAfterNanos) {
    // Thrown at every refusal of an overloaded server, where a stack trace tells nothing.
    super(message, null, false, false);
    this.retryAfterNanos = retryAfterNanos;
  }

  /** How long it takes to compute what waits now, at the speed seen lately. */
  public long retryAfterNanos() {
    return retryAfterNanos;
  }
}
