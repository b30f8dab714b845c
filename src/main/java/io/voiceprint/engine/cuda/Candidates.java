package io.voiceprint.engine.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What there is to choose from for layers of the same extents.
 *
 * @param nodes names of the layers, or of the last node of what could be computed together
 * @param possible names of the implementations, the usual one first
 * @param obstacles why others are not possible on this device, by their names
 */
record Candidates(List<String> nodes, List<String> possible, Map<String, String> obstacles) {

  /** Of one more layer: those of the same extents have the same to choose from. */
  Candidates and(Candidates other) {
    List<String> all = new ArrayList<>(nodes);
    all.addAll(other.nodes);
    return new Candidates(all, possible, obstacles);
  }

  String usual() {
    return possible.get(0);
  }

  /** The names that are possible, by layer. */
  static Map<String, List<String>> possible(Map<String, Candidates> layers) {
    Map<String, List<String>> possible = new TreeMap<>();
    layers.forEach((layer, candidates) -> possible.put(layer, candidates.possible()));
    return possible;
  }
}
