package io.voiceprint.bench;

import java.util.Locale;
import java.util.Optional;

/** A profile as a table: first by kind of layer, then layer by layer. */
final class ProfileText {
  private static final String HEAD = "  %-34s %-22s %-16s %9s %6s %9s %9s %9s %5s";
  private static final String ROW = "  %-34s %-22s %-16s %9.3f %5.1f%% %9.3f %9.2f %9s %5s";
  private static final String LIMITS = " %9s %5s %8s %7s %s";

  private final Profile profile;
  private final Optional<Ceiling> ceiling;
  private final StringBuilder text = new StringBuilder();

  private ProfileText(Profile profile, Optional<Ceiling> ceiling) {
    this.profile = profile;
    this.ceiling = ceiling;
  }

  static String of(Profile profile, Optional<Ceiling> ceiling) {
    return new ProfileText(profile, ceiling).text();
  }

  private String text() {
    line(
        "  profile of a clip of %d frames, median of %d passes: all layers %.3f ms, a whole pass %.3f ms",
        profile.frames(), profile.passes(), profile.totalMs(), profile.passMs());
    if (!profile.timing().isEmpty()) {
      line("  layers are timed %s", profile.timing());
    }
    ceiling.ifPresent(
        top ->
            top.device()
                .map(device -> LeastTimes.of(profile.layers(), top, device))
                .ifPresent(this::leastTimes));
    String head =
        format(HEAD, "layer", "kind", "output", "ms", "share", "GFLOP", "MB", "GFLOP/s", "ceil.");
    boolean limited = ceiling.flatMap(Ceiling::device).isPresent();
    line(
        "%s%s",
        head, limited ? format(LIMITS, "GB/s", "mem.", "launches", "of them", "nearest") : "");
    for (Layer family : profile.families()) {
      row("(all)", family);
    }
    for (Layer layer : profile.layers()) {
      if (layer.isTimed()) {
        row(layer.name(), layer);
      }
    }
    return text.toString();
  }

  private void leastTimes(LeastTimes least) {
    line(
        "  at the ceilings a pass takes %.3f ms of arithmetic, %.3f ms of memory, %.3f ms of %d launches in a CUDA graph",
        least.arithmetic(), least.memory(), least.launches(), profile.launches());
  }

  private void row(String name, Layer layer) {
    boolean counts = layer.flop() > 0 && layer.ms() > 0;
    String figures =
        format(
            ROW,
            name,
            layer.kind(),
            layer.shape(),
            layer.ms(),
            100 * layer.ms() / profile.totalMs(),
            layer.flop() * 1e-9,
            layer.bytes() * 1e-6,
            counts ? format("%.1f", layer.gflopPerSecond()) : "",
            counts && ceiling.isPresent()
                ? percent(layer.gflopPerSecond() / ceiling.get().gflopPerSecond())
                : "");
    String limits =
        ceiling
            .flatMap(top -> top.device().map(device -> LeastTimes.of(layer, top, device)))
            .map(least -> limits(layer, least))
            .orElse("");
    line("%s%s", figures, limits);
  }

  private static String limits(Layer layer, LeastTimes least) {
    return format(
        LIMITS,
        format("%.1f", layer.gbPerSecond()),
        percent(least.memory() / layer.ms()),
        String.valueOf(layer.launches()),
        percent(least.launches() / layer.ms()),
        least.limit());
  }

  private static String percent(double share) {
    return format("%.0f%%", 100 * share);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private void line(String format, Object... values) {
    text.append(format(format, values).stripTrailing()).append('\n');
  }
}
