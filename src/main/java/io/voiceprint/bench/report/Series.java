package io.voiceprint.bench.report;

import java.util.List;

/**
 * One engine in a chart.
 *
 * @param label for people
 * @param color class of the style sheet, such as {@code ours0}
 * @param results of this engine, each of another workload
 */
record Series(String label, String color, List<Results.Result> results) {
  /** Colours in the style sheet for our engines, and for others. */
  static final int COLORS = 4;

  Series {
    results = List.copyOf(results);
  }

  static boolean isOurs(String engine) {
    return engine.startsWith("voiceprint");
  }
}
