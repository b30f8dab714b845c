package io.voiceprint.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The pooling layers of 3D-Speaker, by the names its configurations use. */
public enum Pooling {
  /** Temporal statistics pooling: mean and standard deviation. */
  TSTP(2),
  /** Temporal average pooling: mean. */
  TAP(1),
  /** Temporal standard deviation pooling. */
  TSDP(1),
  /** Attentive statistics pooling: weighted mean and standard deviation. */
  ASTP(2);

  private final int statistics;

  Pooling(int statistics) {
    this.statistics = statistics;
  }

  /** Vectors it takes from each row: 1 or 2. */
  int statistics() {
    return statistics;
  }

  /**
   * Reads a name as configurations spell it.
   *
   * @throws IllegalArgumentException naming the choices
   */
  public static Pooling parse(String name) {
    try {
      return valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "unknown pooling \"%s\"; the choices are %s"
              .formatted(
                  name, Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "))),
          e);
    }
  }
}
