package io.voiceprint;

import java.time.Duration;
import java.util.Locale;

/**
 * Who goes first among utterances that wait. Each step down counts as {@link #AGEING} of waiting: a
 * {@link #LOW} utterance goes before every {@link #HIGH} one that comes more than two seconds after
 * it, so nobody waits for ever. Within a priority, first come is first served.
 */
public enum Priority {
  /** Somebody is waiting for the answer. */
  HIGH(0),
  /** What blocking calls have. */
  NORMAL(1),
  /** Work that can wait, such as the embedding of an archive. */
  LOW(2);

  /** How much later an utterance must come to be served after one of the next lower priority. */
  public static final Duration AGEING = Duration.ofSeconds(1);

  private final int level;

  Priority(int level) {
    this.level = level;
  }

  /** Steps below the best. */
  int level() {
    return level;
  }

  /** The name as command lines and configurations spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
