package io.voiceprint.server;

import io.voiceprint.metrics.Distribution;

/**
 * Metrics in the text format of Prometheus (version 0.0.4). A family's samples must come together.
 */
final class PrometheusText {
  private final StringBuilder text = new StringBuilder();

  /** Begins a family. */
  PrometheusText family(String name, String type, String help) {
    text.append("# HELP %s %s%n# TYPE %s %s%n".formatted(name, help, name, type));
    return this;
  }

  /**
   * A sample.
   *
   * @param labels pairs of name and value
   */
  PrometheusText sample(String name, double value, String... labels) {
    text.append(name);
    for (int i = 0; i < labels.length; i += 2) {
      text.append(i == 0 ? '{' : ',').append(labels[i]);
      text.append("=\"").append(escaped(labels[i + 1])).append('"');
    }
    if (labels.length > 0) {
      text.append('}');
    }
    text.append(' ').append(number(value)).append('\n');
    return this;
  }

  /** A histogram's samples: cumulative buckets, sum and count. */
  PrometheusText histogram(String name, Distribution values, String label, String value) {
    long below = 0;
    for (int i = 0; i < values.counts().size(); i++) {
      below += values.counts().get(i);
      String bound = i < values.upperBounds().size() ? number(values.upperBounds().get(i)) : "+Inf";
      sample(name + "_bucket", (double) below, label, value, "le", bound);
    }
    sample(name + "_sum", values.sum(), label, value);
    return sample(name + "_count", (double) below, label, value);
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.valueOf((long) value)
        : String.valueOf(value);
  }

  private static String escaped(String label) {
    return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
