package io.voiceprint;

import java.time.Duration;

/** The queue is full, and the utterances were handed in by a call that never waits. */
public final class OverloadedException extends VoiceprintException {
  private static final long serialVersionUID = 1L;

  private final Duration retryAfter;

  /**
   * @param message one line for people
   * @param retryAfter see {@link #retryAfter()}
   */
  public OverloadedException(String message, Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** How long it takes to compute what waits now, at the speed of the last seconds. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
