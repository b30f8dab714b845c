package io.voiceprint.bench;

import io.voiceprint.engine.DeviceLimits;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Profiles as a picture: for each engine, kinds of layers and then every layer in order, as bars of
 * time beside bars of the rates of arithmetic and, where that was measured, of memory as shares of
 * the measured ceilings. A long bar with only short ones beside it is where there is something to
 * gain.
 */
final class ProfileSvg {
  private static final int WIDTH = 1120;
  private static final int WIDTH_WITH_MEMORY = 1450;
  private static final int MARGIN = 20;
  private static final int ROW = 16;
  private static final int NAME_X = MARGIN;
  private static final int KIND_X = 230;
  private static final int SHAPE_X = 370;
  private static final int TIME_X = 480;
  private static final int TIME_WIDTH = 300;
  private static final int RATE_X = 890;
  private static final int RATE_WIDTH = 120;
  private static final int MEMORY_X = 1120;
  private static final int LIMIT_X = 1350;

  private final SvgWriter svg = new SvgWriter();
  private final String network;
  private final List<EngineRun> runs;
  private int y = MARGIN + 8;

  /**
   * @param runs each with a profile
   */
  ProfileSvg(String network, List<EngineRun> runs) {
    this.network = network;
    this.runs = runs;
  }

  String svg() {
    runs.forEach(this::section);
    boolean memory = runs.stream().anyMatch(run -> device(run).isPresent());
    return svg.document(memory ? WIDTH_WITH_MEMORY : WIDTH, y + MARGIN);
  }

  private static Optional<DeviceLimits> device(EngineRun run) {
    return run.ceiling().flatMap(Ceiling::device);
  }

  private void section(EngineRun run) {
    Profile profile = run.profile().orElseThrow();
    svg.text(NAME_X, y, "title", "%s, %s".formatted(network, run.contestant().engine()));
    y += ROW + 2;
    svg.text(NAME_X, y, "note", subtitle(run, profile));
    y += 2 * ROW;
    heads(run);
    rows(run, profile, profile.families(), "all of a kind");
    y += ROW / 2;
    List<Layer> timed = profile.layers().stream().filter(Layer::isTimed).toList();
    rows(run, profile, timed, "in order of execution");
    y += 2 * ROW;
  }

  private static String subtitle(EngineRun run, Profile profile) {
    return format(
        "%s; one clip of %d frames, %.3f ms in all layers, %.3f ms a whole pass (median of %d)%s%s%s",
        run.contestant().device(),
        profile.frames(),
        profile.totalMs(),
        profile.passMs(),
        profile.passes(),
        profile.timing().isEmpty() ? "" : "; layers are timed " + profile.timing(),
        run.ceiling()
            .map(top -> format("; ceiling %.1f GFLOP/s: %s", top.gflopPerSecond(), top.how()))
            .orElse(""),
        device(run)
            .map(top -> format("; ceiling %.1f GB/s", top.bytesPerSecond() * 1e-9))
            .orElse(""));
  }

  private void heads(EngineRun run) {
    svg.text(NAME_X, y, "head", "layer");
    svg.text(KIND_X, y, "head", "kind");
    svg.text(SHAPE_X, y, "head", "output C x F x T");
    svg.text(TIME_X, y, "head", "time");
    if (run.ceiling().isPresent()) {
      svg.text(RATE_X, y, "head", "GFLOP/s, of the ceiling");
    }
    if (device(run).isPresent()) {
      svg.text(MEMORY_X, y, "head", "GB/s, of the ceiling");
      svg.text(LIMIT_X, y, "head", "nearest");
    }
    y += ROW / 2;
  }

  private void rows(EngineRun run, Profile profile, List<Layer> layers, String what) {
    y += ROW;
    svg.text(NAME_X, y, "note", what);
    double longest = layers.stream().mapToDouble(Layer::ms).max().orElse(1);
    for (Layer layer : layers) {
      y += ROW;
      row(run, layer, longest, profile.totalMs());
    }
    y += ROW / 2;
  }

  private void row(EngineRun run, Layer layer, double longest, double total) {
    String colour = colour(layer);
    svg.text(NAME_X, y, "cell", layer.name());
    svg.text(KIND_X, y, "cell", layer.kind().equals(layer.name()) ? "" : layer.kind());
    svg.text(SHAPE_X, y, "cell", layer.shape());
    double width = TIME_WIDTH * layer.ms() / longest;
    svg.bar(TIME_X, y - 10, width, 12, colour);
    svg.text(
        TIME_X + width + 5,
        y,
        "value",
        format("%.3f ms  %.1f%%", layer.ms(), 100 * layer.ms() / total));
    if (run.ceiling().isPresent() && layer.flop() > 0) {
      double ceiling = run.ceiling().get().gflopPerSecond();
      rate(RATE_X, layer.gflopPerSecond(), ceiling, colour);
    }
    device(run)
        .ifPresent(
            device -> {
              rate(MEMORY_X, layer.gbPerSecond(), device.bytesPerSecond() * 1e-9, colour);
              LeastTimes least = LeastTimes.of(layer, run.ceiling().get(), device);
              svg.text(LIMIT_X, y, "cell", least.limit());
            });
  }

  /** A rate as a share of its ceiling. */
  private void rate(double x, double rate, double ceiling, String colour) {
    double share = rate / ceiling;
    svg.bar(x, y - 10, RATE_WIDTH, 12, "#e6e9ed");
    svg.bar(x, y - 10, RATE_WIDTH * Math.min(share, 1), 12, colour);
    svg.text(x + RATE_WIDTH + 5, y, "value", format("%.1f  %.0f%%", rate, 100 * share));
  }

  private static String colour(Layer layer) {
    return switch (layer.family()) {
      case "conv 3x3" -> "#2b6cb0";
      case "conv 1x1" -> "#2f9e78";
      case "attentional fusion" -> "#c05621";
      case "statistics pooling", "attentive pooling" -> "#805ad5";
      case "linear" -> "#b7791f";
      default -> "#718096";
    };
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
