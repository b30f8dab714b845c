package io.voiceprint.engine.cuda;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long each implementation of a layer took.
 *
 * @param layer its name in a tuning file
 * @param micros microseconds by implementation, the quickest run of each
 * @param failures why others are not possible, by implementation
 * @param chosen the fastest
 */
public record LayerTimes(
    String layer, Map<String, Double> micros, Map<String, String> failures, String chosen) {
  public LayerTimes {
    micros = Collections.unmodifiableMap(new TreeMap<>(micros));
    failures = Collections.unmodifiableMap(new TreeMap<>(failures));
  }

  /** A line for the layer and one for each implementation. */
  public String text() {
    StringBuilder text = new StringBuilder(layer).append('\n');
    micros.forEach(
        (name, time) ->
            text.append(
                "  %-28s %10.1f us%s%n"
                    .formatted(name, time, name.equals(chosen) ? "  chosen" : "")));
    failures.forEach((name, why) -> text.append("  %-28s not possible: %s%n".formatted(name, why)));
    return text.toString();
  }
}
