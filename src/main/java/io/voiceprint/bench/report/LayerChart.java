package io.voiceprint.bench.report;

import io.voiceprint.bench.report.Results.Layer;
import io.voiceprint.bench.report.Results.Profile;
import java.util.Comparator;
import java.util.List;

/** The slowest layers of a profile in the order of the network, and the others together. */
final class LayerChart {
  private static final int SHOWN = 30;
  private static final double ROW = 18;
  private static final double BAR = 12;
  private static final double VALUES = 190;
  private static final int LONGEST_NAME = 34;
  private static final double FOOT = 36;

  private LayerChart() {}

  static Chart of(String id, String title, Profile profile, String color) {
    List<Layer> slowest =
        profile.layers().stream()
            .sorted(Comparator.comparingDouble(Layer::ms).reversed())
            .limit(SHOWN)
            .toList();
    List<Layer> shown = profile.layers().stream().filter(slowest::contains).limit(SHOWN).toList();
    double left = 0;
    for (Layer layer : shown) {
      left = Math.max(left, Chart.width(name(layer)) + 8);
    }
    double longest = shown.stream().mapToDouble(Layer::ms).max().orElse(0);
    Scale scale = Scale.upTo(longest, Chart.WIDTH - left - VALUES, 5);
    Markup svg = new Markup();
    double bottom = shown.size() * ROW;
    Grid.across(svg, scale, left, 0, bottom);
    double y = 0;
    for (Layer layer : shown) {
      row(svg, profile, layer, color, scale, left, y);
      y += ROW;
    }
    double others =
        profile.layers().stream().mapToDouble(Layer::ms).sum()
            - shown.stream().mapToDouble(Layer::ms).sum();
    String rest =
        profile.layers().size() == shown.size()
            ? ""
            : "; %d other layers take %s ms together"
                .formatted(profile.layers().size() - shown.size(), Figures.of(Math.max(0, others)));
    svg.note(
        "milliseconds of one clip of %d frames, of %s ms in all%s"
            .formatted(profile.frames(), Figures.of(profile.totalMs()), rest),
        0,
        bottom + 32);
    return new Chart(
        id,
        title,
        "Bars of the milliseconds of the slowest layers, in the order of the network; the figures"
            + " of all layers are in the table below.",
        Chart.WIDTH,
        bottom + FOOT,
        svg.toString());
  }

  private static String name(Layer layer) {
    return layer.name().length() <= LONGEST_NAME
        ? layer.name()
        : layer.name().substring(0, LONGEST_NAME - 1) + "…";
  }

  private static void row(
      Markup svg, Profile profile, Layer layer, String color, Scale scale, double left, double y) {
    svg.element("text", name(layer), "class", "small end", "x", left - 8, "y", y + 11);
    svg.shape(
        "rect",
        "class",
        color,
        "x",
        left,
        "y",
        y + 1,
        "width",
        scale.at(layer.ms()),
        "height",
        BAR);
    double share = profile.totalMs() > 0 ? layer.ms() / profile.totalMs() : 0;
    svg.element(
        "text",
        "%s ms, %s".formatted(Figures.of(layer.ms()), Figures.percent(share)),
        "class",
        "small",
        "x",
        Chart.WIDTH - VALUES + 12,
        "y",
        y + 11);
    String rate = rate(layer);
    if (!rate.isEmpty()) {
      svg.element("text", rate, "class", "faint small end", "x", Chart.WIDTH, "y", y + 11);
    }
  }

  /** The ceiling that a layer comes nearest to, with the share; else its arithmetic. */
  private static String rate(Layer layer) {
    return switch (layer.limit()) {
      case "memory" -> "memory " + Figures.percent(layer.shareOfMemoryCeiling());
      case "launches" -> "launches " + Figures.percent(layer.shareOfLaunches());
      case "arithmetic" -> "arithmetic " + Figures.percent(layer.shareOfCeiling());
      default ->
          layer.gflopPerSecond().isPresent()
              ? Math.round(layer.gflopPerSecond().getAsDouble()) + " GFLOP/s"
              : "";
    };
  }
}
