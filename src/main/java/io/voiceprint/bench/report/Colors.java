package io.voiceprint.bench.report;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A colour for each engine, the same in all charts of a page: cool ones are ours. */
final class Colors {
  private final Map<String, String> classes = new HashMap<>();
  private int ours;
  private int peers;

  private Colors() {}

  /** Colours in the order in which engines come. */
  static Colors of(List<Results> files) {
    Colors colors = new Colors();
    for (Results file : files) {
      file.results().forEach(result -> colors.of(result.engine()));
    }
    return colors;
  }

  /** The class of the style sheet for a series. */
  String of(String label) {
    String known = classes.get(label);
    if (known == null) {
      known =
          Series.isOurs(label) ? "ours" + ours++ % Series.COLORS : "peer" + peers++ % Series.COLORS;
      classes.put(label, known);
    }
    return known;
  }
}
