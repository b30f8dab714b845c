package io.voiceprint.batch;

import java.util.OptionalLong;

/**
 * On what terms an utterance waits.
 *
 * @param level 0 goes first; each level more counts as {@link BatchLimits#ageingNanos()} of waiting
 *     less
 * @param deadline when it is given up, on the scale of {@link TimeSource#nanos()}; empty for never
 */
public record Terms(int level, OptionalLong deadline) {
  /** Levels there are. */
  public static final int LEVELS = 3;

  /** The middle level, without a deadline. */
  public static final Terms USUAL = new Terms(1, OptionalLong.empty());

  public Terms {
    if (level < 0 || level >= LEVELS) {
      throw new IllegalArgumentException("level=%d must be 0 to %d".formatted(level, LEVELS - 1));
    }
  }
}
