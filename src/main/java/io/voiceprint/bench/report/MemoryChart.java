package io.voiceprint.bench.report;

import io.voiceprint.bench.report.Results.Memory;
import java.util.List;

/** The largest memory of a process with one engine. */
final class MemoryChart {
  private static final double ROW = 24;
  private static final double BAR = 15;
  private static final double VALUES = 90;
  private static final double FOOT = 36;

  private MemoryChart() {}

  /**
   * @param colors of the engines, in order
   */
  static Chart of(String id, String title, List<Memory> memory, List<String> colors) {
    double left = 0;
    double largest = 1;
    for (Memory each : memory) {
      left = Math.max(left, Chart.width(each.engine()) + 8);
      largest = Math.max(largest, each.peakResident().orElse(0));
    }
    Scale scale = Scale.upTo(largest, Chart.WIDTH - left - VALUES, 6);
    Markup svg = new Markup();
    double bottom = memory.size() * ROW;
    Grid.across(svg, scale, left, 0, bottom);
    for (int i = 0; i < memory.size(); i++) {
      Memory each = memory.get(i);
      double y = i * ROW;
      double peak = each.peakResident().orElse(0);
      svg.element("text", each.engine(), "class", "end", "x", left - 8, "y", y + 14);
      svg.shape(
          "rect",
          "class",
          colors.get(i),
          "x",
          left,
          "y",
          y + 3,
          "width",
          scale.at(peak),
          "height",
          BAR);
      svg.element("text", Math.round(peak) + " MiB", "class", "end", "x", Chart.WIDTH, "y", y + 14);
    }
    svg.note("MiB of resident memory of the process at its peak", 0, bottom + 32);
    return new Chart(
        id,
        title,
        "Bars of the largest resident memory of a process; the figures are in the table below.",
        Chart.WIDTH,
        bottom + FOOT,
        svg.toString());
  }
}
