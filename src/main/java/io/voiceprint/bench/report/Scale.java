package io.voiceprint.bench.report;

import java.util.ArrayList;
import java.util.List;

/**
 * An axis that begins at zero.
 *
 * @param end the largest value it shows, a whole number of steps
 * @param step between two ticks
 * @param pixels from zero to {@code end}
 */
record Scale(double end, double step, double pixels) {

  /**
   * An axis that shows values up to {@code largest}, with steps of 1, 2 or 5 times a power of ten.
   */
  static Scale upTo(double largest, double pixels, int ticks) {
    double wanted = Math.max(largest, 1e-9) / ticks;
    double power = Math.pow(10, Math.floor(Math.log10(wanted)));
    double step = 10 * power;
    for (int factor : new int[] {5, 2, 1}) {
      if (factor * power >= wanted) {
        step = factor * power;
      }
    }
    double steps = Math.max(1, Math.ceil(largest / step - 1e-9));
    return new Scale(steps * step, step, pixels);
  }

  /** Pixels from zero; values beyond the end lie on it. */
  double at(double value) {
    return pixels * Math.min(value, end) / end;
  }

  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    for (int i = 0; i * step <= end * (1 + 1e-9); i++) {
      ticks.add(i * step);
    }
    return ticks;
  }
}
