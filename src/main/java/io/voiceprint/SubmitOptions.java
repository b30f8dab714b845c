package io.voiceprint;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * On what terms an utterance is submitted.
 *
 * @param priority who goes first among those that wait
 * @param timeout how long after it was submitted an embedding is still wanted; empty for always
 */
public record SubmitOptions(Priority priority, Optional<Duration> timeout) {

  /** Normal priority, no timeout. */
  public static final SubmitOptions DEFAULTS = new SubmitOptions(Priority.NORMAL, Optional.empty());

  /**
   * Validates.
   *
   * @throws IllegalArgumentException if the timeout is negative
   * @throws NullPointerException if a component is {@code null}
   */
  public SubmitOptions {
    Objects.requireNonNull(priority, "priority");
    if (timeout.isPresent() && timeout.get().isNegative()) {
      throw new IllegalArgumentException("timeout=" + timeout.get() + " must not be negative");
    }
  }

  /** The same with another priority. */
  public SubmitOptions withPriority(Priority other) {
    return new SubmitOptions(other, timeout);
  }

  /**
   * The same with a timeout.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public SubmitOptions withTimeout(Duration other) {
    return new SubmitOptions(priority, Optional.of(other));
  }
}
