package io.voiceprint.bench.report;

import io.voiceprint.bench.report.Results.Latency;
import io.voiceprint.bench.report.Results.Result;
import io.voiceprint.bench.report.Results.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Times of a call, a bar for each engine and workload: full to the median, pale to the 99th
 * percentile. All bars share one axis from zero.
 */
final class LatencyChart {
  private static final double ROW = 22;
  private static final double BAR = 14;
  private static final double GAP = 16;
  private static final double HEAD = 20;
  private static final double VALUES = 190;
  private static final double AXIS = 36;

  /** A pale bar may be this many times the longest median; what is longer is cut, and says so. */
  private static final double LONGEST_TAIL = 1.5;

  private LatencyChart() {}

  static Chart of(String id, String title, List<Workload> workloads, List<Series> series) {
    Markup svg = new Markup();
    double top = Chart.legend(svg, series, List.of());
    double left = 0;
    Scale scale = Scale.upTo(longest(workloads, series), Chart.WIDTH - left - VALUES, 6);
    Markup rows = new Markup();
    double y = top;
    for (Workload workload : workloads) {
      rows.element("text", workload.name(), "class", "head", "x", 0.0, "y", y + 12);
      y += HEAD;
      double first = y;
      for (Series each : series) {
        for (Result result : each.results()) {
          if (result.workload().isSameAs(workload)) {
            bar(rows, each, result.latency(), scale, left, y);
            y += ROW;
          }
        }
      }
      grid(svg, scale, left, first, y);
      y += GAP;
    }
    axis(svg, scale, left, y);
    return new Chart(
        id,
        title,
        "Horizontal bars of the time of a call in milliseconds, to the median and, paler, to the"
            + " 99th percentile; the figures are in the table below.",
        Chart.WIDTH,
        y + AXIS,
        svg.add(rows.toString()).toString());
  }

  private static double longest(List<Workload> workloads, List<Series> series) {
    List<Latency> shown = new ArrayList<>();
    for (Series each : series) {
      for (Result result : each.results()) {
        if (workloads.stream().anyMatch(result.workload()::isSameAs)) {
          shown.add(result.latency());
        }
      }
    }
    double median = shown.stream().mapToDouble(Latency::p50).max().orElse(1);
    double tail = shown.stream().mapToDouble(Latency::p99).max().orElse(1);
    return Math.min(tail, LONGEST_TAIL * median);
  }

  private static void bar(
      Markup svg, Series series, Latency latency, Scale scale, double left, double y) {
    double median = scale.at(latency.p50());
    double tail = scale.at(latency.p99());
    boolean cut = latency.p99() > scale.end();
    svg.shape(
        "rect",
        "class",
        series.color() + " beyond",
        "x",
        left + median,
        "y",
        y,
        "width",
        Math.max(0, tail - median),
        "height",
        BAR);
    svg.shape("rect", "class", series.color(), "x", left, "y", y, "width", median, "height", BAR);
    if (cut) {
      double end = left + tail;
      svg.shape(
          "path",
          "class",
          series.color(),
          "d",
          String.format(Locale.ROOT, "M%.1f %.1f l8 %.1f l-8 %.1f z", end, y, BAR / 2, BAR / 2));
    }
    svg.element(
        "text",
        Figures.of(latency.p50()) + " ms",
        "class",
        "end",
        "x",
        Chart.WIDTH - VALUES + 70,
        "y",
        y + 11);
    svg.element(
        "text",
        "p99 " + Figures.of(latency.p99()) + (cut ? ", cut" : ""),
        "class",
        "faint",
        "x",
        Chart.WIDTH - VALUES + 82,
        "y",
        y + 11);
  }

  private static void grid(Markup svg, Scale scale, double left, double top, double bottom) {
    for (double tick : scale.ticks()) {
      double x = left + scale.at(tick);
      svg.shape(
          "line",
          "class",
          tick == 0 ? "axis" : "grid",
          "x1",
          x,
          "x2",
          x,
          "y1",
          top - 3,
          "y2",
          bottom - ROW + BAR + 3);
    }
  }

  private static void axis(Markup svg, Scale scale, double left, double y) {
    for (double tick : scale.ticks()) {
      svg.element(
          "text",
          Figures.tick(tick, scale.step()),
          "class",
          "faint small " + (tick == 0 ? "" : "middle"),
          "x",
          left + scale.at(tick),
          "y",
          y + 2);
    }
    svg.note("milliseconds of a call: full to p50, pale to p99", left, y + 20);
  }
}
