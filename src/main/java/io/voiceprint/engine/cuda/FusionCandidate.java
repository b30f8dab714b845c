package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Several nodes of a network that can be computed together, at the step of the last of them. What
 * lies between them is read by nothing else.
 */
interface FusionCandidate {
  /** Its name in a tuning file; alike for all of the same extents. */
  String key();

  /** What it is, for people, such as {@code "residual block"}. */
  String kind();

  /**
   * The ways in which it can be computed at once, the one to prefer first; each with why this
   * device cannot, empty if it can.
   */
  Map<String, Optional<String>> ways();

  /** The ways in which this device can. */
  default List<String> choices() {
    Map<String, Optional<String>> ways = ways();
    return ways.keySet().stream().filter(way -> ways.get(way).isEmpty()).toList();
  }

  /** Why this device cannot compute it in other ways, by their names. */
  default Map<String, String> obstacles() {
    Map<String, String> obstacles = new TreeMap<>();
    ways().forEach((way, obstacle) -> obstacle.ifPresent(why -> obstacles.put(way, why)));
    return obstacles;
  }

  /** Positions of all its nodes in the graph. */
  Set<Integer> steps();

  /** What is read at its last step that its nodes would read before. */
  List<Value> reads();

  /**
   * Prepares one way.
   *
   * @param choice one of {@link #choices}
   * @param separate the operators of all nodes of the network, for itself
   */
  Operator operator(String choice, WeightStore weights, List<Operator> separate);

  /** The step at which it is computed. */
  default int last() {
    return steps().stream().mapToInt(Integer::intValue).max().orElseThrow();
  }
}
