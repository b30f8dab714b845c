package io.voiceprint.bench.report;

import io.voiceprint.bench.report.LineFit.Point;
import io.voiceprint.bench.report.Results.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * How the median time of a call grows: points, and the straight line that fits them best. Both axes
 * begin at zero.
 */
final class ScalingChart {
  private static final double HEIGHT = 300;
  private static final double LEFT = 56;
  private static final double FOOT = 44;
  private static final double RIGHT = 24;

  /** A line through two points says nothing. */
  static final int FEWEST_POINTS = 3;

  private final String what;
  private final String unit;
  private final ToDoubleFunction<Result> x;

  /**
   * @param what grows, such as {@code "seconds of one clip"}
   * @param unit for the slope, such as {@code "s"}
   * @param x of a result
   */
  ScalingChart(String what, String unit, ToDoubleFunction<Result> x) {
    this.what = what;
    this.unit = unit;
    this.x = x;
  }

  /**
   * @param series with the results to show, three at least in each
   */
  Chart draw(String id, String title, List<Series> series) {
    double widest = 0;
    double tallest = 0;
    List<LineFit> fits = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (Series each : series) {
      List<Point> points = points(each);
      LineFit fit = LineFit.of(points);
      fits.add(fit);
      notes.add(": " + note(fit));
      for (Point point : points) {
        widest = Math.max(widest, point.x());
        tallest = Math.max(tallest, point.y());
      }
    }
    Markup svg = new Markup();
    double top = Chart.legend(svg, series, notes) + 8;
    Scale across = Scale.upTo(widest, Chart.WIDTH - LEFT - RIGHT, 8);
    Scale up = Scale.upTo(tallest * 1.02, HEIGHT, 5);
    grid(svg, across, up, top);
    for (int i = 0; i < series.size(); i++) {
      draw(svg, series.get(i), fits.get(i), across, up, top, widest);
    }
    return new Chart(
        id,
        title,
        "Points of the median time of a call against the %s, with fitted lines: %s."
            .formatted(what, description(series, notes)),
        Chart.WIDTH,
        top + HEIGHT + FOOT,
        svg.toString());
  }

  private static String description(List<Series> series, List<String> notes) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < series.size(); i++) {
      parts.add(series.get(i).label() + notes.get(i));
    }
    return String.join("; ", parts);
  }

  private List<Point> points(Series series) {
    return series.results().stream()
        .map(result -> new Point(x.applyAsDouble(result), result.latency().p50()))
        .toList();
  }

  private String note(LineFit fit) {
    return String.format(
        Locale.ROOT,
        "%s ms/%s %s %s ms, R² %.4f",
        Figures.of(fit.slope()),
        unit,
        fit.intercept() < 0 ? "−" : "+",
        Figures.of(Math.abs(fit.intercept())),
        fit.r2());
  }

  private void draw(
      Markup svg, Series series, LineFit fit, Scale across, Scale up, double top, double widest) {
    // The line is drawn within the axes only.
    double from = fit.intercept() >= 0 || fit.slope() <= 0 ? 0 : -fit.intercept() / fit.slope();
    svg.shape(
        "line",
        "class",
        series.color() + " line",
        "x1",
        LEFT + across.at(from),
        "y1",
        top + HEIGHT - up.at(Math.max(0, fit.at(from))),
        "x2",
        LEFT + across.at(widest),
        "y2",
        top + HEIGHT - up.at(Math.max(0, fit.at(widest))));
    for (Point point : points(series)) {
      svg.shape(
          "circle",
          "class",
          series.color(),
          "cx",
          LEFT + across.at(point.x()),
          "cy",
          top + HEIGHT - up.at(point.y()),
          "r",
          4.0);
    }
  }

  private void grid(Markup svg, Scale across, Scale up, double top) {
    double bottom = top + HEIGHT;
    Grid.up(svg, up, LEFT, Chart.WIDTH - RIGHT, bottom);
    Grid.across(svg, across, LEFT, top, bottom);
    svg.note("median milliseconds of a call (up) against " + what + " (across)", 0, bottom + 38);
  }
}
