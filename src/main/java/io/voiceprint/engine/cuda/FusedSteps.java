package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The steps of a network that a tuning computes together. Without a tuning there are none: no
 * card's figures say yet where that is faster.
 */
final class FusedSteps {
  /** Every node by its own kernels. */
  static final String SEPARATE = "separate";

  private final Map<Integer, Operator> operators = new HashMap<>();
  private final Map<Integer, FusionCandidate> covered = new HashMap<>();
  private final Map<Integer, Integer> lastUse = new HashMap<>();

  /**
   * @param separate the operators of all nodes
   */
  FusedSteps(
      Graph graph,
      KernelSet kernels,
      ValueStorage storage,
      WeightStore weights,
      Tuning tuning,
      List<Operator> separate) {
    for (FusionCandidate candidate : candidates(graph, kernels, storage)) {
      String choice = tuning.choice(candidate.key()).orElse(SEPARATE);
      if (!choice.equals(SEPARATE)) {
        requireKnown(candidate, choice, graph);
        operators.put(candidate.last(), candidate.operator(choice, weights, separate));
        candidate.steps().forEach(step -> covered.put(step, candidate));
        for (Value value : candidate.reads()) {
          lastUse.merge(storage.home(value).buffer(), candidate.last(), Math::max);
        }
      }
    }
  }

  private static void requireKnown(FusionCandidate candidate, String choice, Graph graph) {
    if (!candidate.choices().contains(choice)) {
      throw new UnknownChoiceException(
          graph.nodes().get(candidate.last()).name(), choice, candidate.key(), names(candidate));
    }
  }

  /** What could be computed together, were the device large enough; no two share a step. */
  static List<FusionCandidate> candidates(Graph graph, KernelSet kernels, ValueStorage storage) {
    List<FusionCandidate> candidates = new ArrayList<>();
    candidates.addAll(StemCandidate.of(graph, kernels));
    candidates.addAll(BlockCandidate.of(graph, kernels, storage));
    candidates.addAll(DownsampleCandidate.of(graph, kernels, storage));
    return candidates;
  }

  /** What there is to choose from, by the candidates' names in a tuning file. */
  static Map<String, Candidates> layers(Graph graph, List<FusionCandidate> fusions) {
    Map<String, Candidates> layers = new TreeMap<>();
    for (FusionCandidate fusion : fusions) {
      layers.merge(
          fusion.key(),
          new Candidates(
              List.of(graph.nodes().get(fusion.last()).name()), names(fusion), fusion.obstacles()),
          Candidates::and);
    }
    return layers;
  }

  private static List<String> names(FusionCandidate candidate) {
    List<String> names = new ArrayList<>(List.of(SEPARATE));
    names.addAll(candidate.choices());
    return names;
  }

  /** What a step's node is computed as a part of, if it is. */
  Optional<FusionCandidate> covering(int step) {
    return Optional.ofNullable(covered.get(step));
  }

  /** What is computed at a step for several. */
  Optional<Operator> at(int step) {
    return Optional.ofNullable(operators.get(step));
  }

  /** Bytes of the sums over each clip that are uploaded as zeros with a row. */
  long clipSumBytes(RowSize row) {
    return operators.values().stream()
        .mapToLong(operator -> operator.clipSumBytes(row))
        .max()
        .orElse(0);
  }

  boolean isEmpty() {
    return operators.isEmpty();
  }

  /** The last step that reads a buffer, if that is later than its nodes would; else 0. */
  int lastUse(int buffer) {
    return lastUse.getOrDefault(buffer, 0);
  }
}
