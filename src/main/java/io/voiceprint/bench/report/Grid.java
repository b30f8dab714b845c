package io.voiceprint.bench.report;

/** The lines and figures of a scale behind what is drawn on it. */
final class Grid {
  private Grid() {}

  /**
   * Upright lines, with their figures below.
   *
   * @param left where the scale begins
   */
  static void across(Markup svg, Scale scale, double left, double top, double bottom) {
    for (double tick : scale.ticks()) {
      double x = left + scale.at(tick);
      line(svg, tick, x, top, x, bottom);
      figure(svg, scale, tick, "middle", x, bottom + 14);
    }
  }

  /**
   * Level lines, with their figures to the left.
   *
   * @param bottom where the scale begins
   */
  static void up(Markup svg, Scale scale, double left, double right, double bottom) {
    for (double tick : scale.ticks()) {
      double y = bottom - scale.at(tick);
      line(svg, tick, left, y, right, y);
      figure(svg, scale, tick, "end", left - 8, y + 4);
    }
  }

  private static void line(Markup svg, double tick, double x1, double y1, double x2, double y2) {
    String kind = tick == 0 ? "axis" : "grid";
    svg.shape("line", "class", kind, "x1", x1, "x2", x2, "y1", y1, "y2", y2);
  }

  private static void figure(
      Markup svg, Scale scale, double tick, String anchor, double x, double y) {
    String text = Figures.tick(tick, scale.step());
    svg.element("text", text, "class", "faint small " + anchor, "x", x, "y", y);
  }
}
