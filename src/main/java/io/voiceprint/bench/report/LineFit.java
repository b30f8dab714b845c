package io.voiceprint.bench.report;

import java.util.List;

/**
 * A straight line through points, by least squares.
 *
 * @param r2 share of the variance of y that the line explains
 */
record LineFit(double intercept, double slope, double r2) {

  /** A point. */
  record Point(double x, double y) {}

  /**
   * Fits.
   *
   * @throws IllegalArgumentException if the points have fewer than two different x
   */
  static LineFit of(List<Point> points) {
    double meanX = points.stream().mapToDouble(Point::x).average().orElse(0);
    double meanY = points.stream().mapToDouble(Point::y).average().orElse(0);
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (Point point : points) {
      double dx = point.x() - meanX;
      double dy = point.y() - meanY;
      xx += dx * dx;
      xy += dx * dy;
      yy += dy * dy;
    }
    if (xx == 0) {
      throw new IllegalArgumentException("no line through points at one x: " + points);
    }
    double slope = xy / xx;
    return new LineFit(meanY - slope * meanX, slope, yy == 0 ? 1 : xy * xy / (xx * yy));
  }

  double at(double x) {
    return intercept + slope * x;
  }
}
