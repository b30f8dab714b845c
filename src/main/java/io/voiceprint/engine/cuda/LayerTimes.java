package io.voiceprint.engine.cuda;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long each implementation of a layer took.
 *
 * @param layer its name in a tuning file
 * @param nodes names of the network's layers that it stands for; the last of those that could be
 *     computed together
 * @param micros microseconds by implementation, the quickest run of each
 * @param obstacles why others are not possible, by implementation
 * @param usual what is taken without a tuning
 * @param chosen the fastest
 */
public record LayerTimes(
    String layer,
    List<String> nodes,
    Map<String, Double> micros,
    Map<String, String> obstacles,
    String usual,
    String chosen) {
  /** Names of nodes that a line has room for. */
  private static final int SHOWN = 3;

  public LayerTimes {
    nodes = List.copyOf(nodes);
    micros = Collections.unmodifiableMap(new TreeMap<>(micros));
    obstacles = Collections.unmodifiableMap(new TreeMap<>(obstacles));
  }

  /** A line for the layer and one for each implementation, the fastest first. */
  public String text() {
    StringBuilder text = new StringBuilder(layer).append(": ");
    text.append(String.join(", ", nodes.subList(0, Math.min(SHOWN, nodes.size()))));
    if (nodes.size() > SHOWN) {
      text.append(" and ").append(nodes.size() - SHOWN).append(" more");
    }
    text.append('\n');
    micros.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.naturalOrder()))
        .forEach(
            time ->
                text.append(
                    "  %-28s %10.1f us%s%n"
                        .formatted(time.getKey(), time.getValue(), marks(time.getKey()))));
    obstacles.forEach(
        (name, why) -> text.append("  %-28s not possible: %s%n".formatted(name, why)));
    return text.toString();
  }

  private String marks(String name) {
    return (name.equals(usual) ? "  usual" : "") + (name.equals(chosen) ? "  chosen" : "");
  }
}
