package io.voiceprint.bench.report;

import java.util.Locale;
import java.util.OptionalDouble;

/** Numbers as people read them: three digits that say something, and no more. */
final class Figures {
  private Figures() {}

  /** Three significant digits, without an exponent for what is usual here. */
  static String of(double value) {
    if (value == 0) {
      return "0";
    }
    double size = Math.abs(value);
    if (size >= 1e7 || size < 1e-3) {
      return String.format(Locale.ROOT, "%.1e", value);
    }
    int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /** Empty where there is no number. */
  static String of(OptionalDouble value) {
    return value.isPresent() ? of(value.getAsDouble()) : "";
  }

  /** All its digits, without zeros behind. */
  static String plain(double value) {
    return value == Math.rint(value) && value < 1e15
        ? String.valueOf((long) value)
        : String.valueOf(value);
  }

  /** As {@link #plain(double)}; empty where there is no number. */
  static String plain(OptionalDouble value) {
    return value.isPresent() ? plain(value.getAsDouble()) : "";
  }

  /** A tick of an axis with this step. */
  static String tick(double value, double step) {
    int decimals = Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9));
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /** Empty where there is no number. */
  static String percent(OptionalDouble share) {
    return share.isPresent() ? percent(share.getAsDouble()) : "";
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
