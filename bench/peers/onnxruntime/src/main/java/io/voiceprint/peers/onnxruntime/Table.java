package io.voiceprint.peers.onnxruntime;

import java.util.List;
import java.util.Locale;

/**
 * Results for people: medians, and ratios to the first engine's on the same workload at the same
 * boundary.
 */
record Table(List<Result> results, List<ResultFile.Memory> memory) {

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "%-10s %-9s %-24s %6s %9s %9s %7s %9s",
        "clips",
        "boundary",
        "engine",
        "calls",
        "p50 ms",
        "min ms",
        "ratio",
        "error");
    for (Result result : results) {
      double[] millis = result.times().sortedMillis();
      Result first =
          results.stream()
              .filter(
                  other ->
                      other.workload().equals(result.workload())
                          && other.boundary().equals(result.boundary()))
              .findFirst()
              .orElseThrow();
      boolean passes = result.check().passes();
      line(
          text,
          "%-10s %-9s %-24s %6d %9s %9s %7s %9.1e",
          result.workload().name(),
          result.boundary(),
          result.engine().name(),
          result.times().calls(),
          passes ? number("%.2f", median(millis)) : "refused",
          passes ? number("%.2f", millis[0]) : "",
          passes ? number("%.3f", median(millis) / median(first.times().sortedMillis())) : "",
          result.check().relativeError());
    }
    for (ResultFile.Memory each : memory) {
      line(text, "%-34s peak resident %.0f MiB", each.engine(), each.peakResidentMib());
    }
    return text.toString();
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static double median(double[] sorted) {
    return sorted[(sorted.length - 1) / 2];
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
