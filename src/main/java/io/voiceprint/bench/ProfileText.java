package io.voiceprint.bench;

import java.util.Locale;
import java.util.Optional;

/** A profile as a table: first by kind of layer, then layer by layer. */
final class ProfileText {
  private static final String HEAD = "  %-34s %-22s %-16s %9s %6s %9s %9s %9s %5s";
  private static final String ROW = "  %-34s %-22s %-16s %9.3f %5.1f%% %9.3f %9.2f %9s %5s";

  private ProfileText() {}

  static String of(Profile profile, Optional<Ceiling> ceiling) {
    StringBuilder text = new StringBuilder();
    append(
        text,
        "  profile of a clip of %d frames, median of %d passes: all layers %.3f ms, a whole pass %.3f ms",
        profile.frames(),
        profile.passes(),
        profile.totalMs(),
        profile.passMs());
    if (!profile.timing().isEmpty()) {
      append(text, "  layers are timed %s", profile.timing());
    }
    append(text, HEAD, "layer", "kind", "output", "ms", "share", "GFLOP", "MB", "GFLOP/s", "ceil.");
    for (Layer family : profile.families()) {
      row(text, "(all)", family, profile, ceiling);
    }
    for (Layer layer : profile.layers()) {
      if (layer.isTimed()) {
        row(text, layer.name(), layer, profile, ceiling);
      }
    }
    return text.toString();
  }

  private static void row(
      StringBuilder text, String name, Layer layer, Profile profile, Optional<Ceiling> ceiling) {
    boolean counts = layer.flop() > 0 && layer.ms() > 0;
    append(
        text,
        ROW,
        name,
        layer.kind(),
        layer.shape(),
        layer.ms(),
        100 * layer.ms() / profile.totalMs(),
        layer.flop() * 1e-9,
        layer.bytes() * 1e-6,
        counts ? String.format(Locale.ROOT, "%.1f", layer.gflopPerSecond()) : "",
        counts && ceiling.isPresent()
            ? String.format(
                Locale.ROOT,
                "%.0f%%",
                100 * layer.gflopPerSecond() / ceiling.get().gflopPerSecond())
            : "");
  }

  private static void append(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }
}
