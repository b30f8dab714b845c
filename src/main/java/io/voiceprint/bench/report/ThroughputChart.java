package io.voiceprint.bench.report;

import io.voiceprint.bench.report.Results.Result;
import io.voiceprint.bench.report.Results.Workload;
import java.util.List;

/**
 * Seconds of audio embedded per second, by the number of clips in a call: one panel for each length
 * of clips, one bar for each engine, all on one axis from zero.
 */
final class ThroughputChart {
  private static final double HEIGHT = 220;
  private static final double LEFT = 48;
  private static final double HEAD = 28;
  private static final double FOOT = 58;
  private static final double WIDEST_BAR = 34;

  private ThroughputChart() {}

  /**
   * @param lengths of clips, each with its workloads by their number of clips
   */
  static Chart of(String id, String title, List<List<Workload>> lengths, List<Series> series) {
    Markup svg = new Markup();
    double top = Chart.legend(svg, series, List.of()) + HEAD;
    double largest = 0;
    int groups = 0;
    for (List<Workload> length : lengths) {
      groups += length.size();
      for (Workload workload : length) {
        for (Series each : series) {
          largest = Math.max(largest, rate(each, workload));
        }
      }
    }
    Scale scale = Scale.upTo(largest * 1.04, HEIGHT, 5);
    Grid.up(svg, scale, LEFT, Chart.WIDTH, top + HEIGHT);
    double panelGap = 28;
    double group = (Chart.WIDTH - LEFT - panelGap * lengths.size()) / groups;
    double bar = Math.min(WIDEST_BAR, (group - 14) / series.size());
    double x = LEFT + panelGap / 2;
    for (List<Workload> length : lengths) {
      double middle = x + group * length.size() / 2;
      svg.element(
          "text",
          "clips of " + Figures.plain(length.get(0).seconds()) + " s",
          "class",
          "head middle",
          "x",
          middle,
          "y",
          top - 14);
      for (Workload workload : length) {
        double start = x + (group - bar * series.size()) / 2;
        bars(svg, series, workload, scale, start, bar, top);
        svg.element(
            "text",
            String.valueOf(workload.clips()),
            "class",
            "middle",
            "x",
            x + group / 2,
            "y",
            top + HEIGHT + 17);
        x += group;
      }
      svg.element(
          "text",
          "clips in a call",
          "class",
          "faint small middle",
          "x",
          middle,
          "y",
          top + HEIGHT + 33);
      x += panelGap;
    }
    svg.element(
        "text",
        "seconds of audio per second (times real time)",
        "class",
        "faint small",
        "x",
        0.0,
        "y",
        top + HEIGHT + 52);
    return new Chart(
        id,
        title,
        "Bars of the seconds of audio embedded per second, for each number of clips in a call; the"
            + " figures are in the table below.",
        Chart.WIDTH,
        top + HEIGHT + FOOT,
        svg.toString());
  }

  private static double rate(Series series, Workload workload) {
    for (Result result : series.results()) {
      if (result.workload().isSameAs(workload)) {
        return result.audioSecondsPerSecond().orElse(0);
      }
    }
    return 0;
  }

  private static void bars(
      Markup svg,
      List<Series> series,
      Workload workload,
      Scale scale,
      double start,
      double width,
      double top) {
    double x = start;
    for (Series each : series) {
      double rate = rate(each, workload);
      double height = scale.at(rate);
      if (rate > 0) {
        svg.shape(
            "rect",
            "class",
            each.color(),
            "x",
            x + 1,
            "y",
            top + HEIGHT - height,
            "width",
            width - 2,
            "height",
            height);
        svg.element(
            "text",
            rate >= 10 ? String.valueOf(Math.round(rate)) : Figures.tick(rate, 0.1),
            "class",
            "small middle",
            "x",
            x + width / 2,
            "y",
            top + HEIGHT - height - 4);
      }
      x += width;
    }
  }
}
