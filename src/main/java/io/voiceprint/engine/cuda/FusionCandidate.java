package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Value;
import java.util.List;
import java.util.Set;

/**
 * Several nodes of a network that can be computed together, at the step of the last of them. What
 * lies between them is read by nothing else.
 */
interface FusionCandidate {
  /** Its name in a tuning file; alike for all of the same extents. */
  String key();

  /** What it is, for people, such as {@code "residual block"}. */
  String kind();

  /** The ways in which this device can compute it at once, at least one. */
  List<String> choices();

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
