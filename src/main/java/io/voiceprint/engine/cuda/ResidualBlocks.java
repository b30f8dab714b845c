package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Graph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The residual blocks of a network that a tuning computes in one kernel each. Without a tuning
 * there are none: no card's figures say yet where that is faster.
 */
final class ResidualBlocks {
  /** Every node of a block by its own kernels. */
  static final String SEPARATE = "separate";

  private static final String BLOCK = "block-";

  private final Map<Integer, Operator> operators = new HashMap<>();
  private final Set<Integer> covered = new HashSet<>();
  private final Map<Integer, Integer> lastUse = new HashMap<>();

  /**
   * A block with its place in a tuning.
   *
   * @param key its name in a tuning file
   * @param extent of it
   */
  record Candidate(ResidualBlock block, String key, ResBlockKernel.Extent extent) {}

  ResidualBlocks(
      Graph graph, KernelSet kernels, ValueStorage storage, WeightStore weights, Tuning tuning) {
    for (Candidate candidate : candidates(graph, kernels, storage)) {
      String choice = tuning.choice(candidate.key()).orElse(SEPARATE);
      if (!choice.equals(SEPARATE)) {
        take(candidate, tile(candidate, choice, kernels), kernels, storage, weights);
      }
    }
  }

  private void take(
      Candidate candidate,
      ResBlockKernel.Tile tile,
      KernelSet kernels,
      ValueStorage storage,
      WeightStore weights) {
    ResidualBlock block = candidate.block();
    operators.put(
        block.last(),
        new BlockOperator(block, kernels, candidate.extent(), tile, storage, weights));
    covered.addAll(block.steps());
    lastUse.merge(storage.home(block.input()).buffer(), block.last(), Math::max);
  }

  private static ResBlockKernel.Tile tile(Candidate candidate, String choice, KernelSet kernels) {
    List<ResBlockKernel.Tile> tiles = kernels.resBlock.tiles(candidate.extent());
    for (ResBlockKernel.Tile tile : tiles) {
      if (choice.equals(BLOCK + tile)) {
        return tile;
      }
    }
    throw new IllegalArgumentException(
        "%s: the tuning names \"%s\" for \"%s\", which this device does not have: %s, %s; tune again"
            .formatted(
                candidate.block().expand().name(), choice, candidate.key(), SEPARATE, tiles));
  }

  /** The blocks that could be computed in one kernel. */
  static List<Candidate> candidates(Graph graph, KernelSet kernels, ValueStorage storage) {
    List<Candidate> candidates = new ArrayList<>();
    for (ResidualBlock block : ResidualBlock.of(graph)) {
      ResBlockKernel.Extent extent = BlockOperator.extent(block, storage);
      boolean packs =
          storage.layout(block.reduce().output()).width() == extent.hidden()
              && storage.layout(block.expand().input()).width() == extent.hidden();
      if (packs && !kernels.resBlock.tiles(extent).isEmpty()) {
        candidates.add(new Candidate(block, extent.key(kernels.mode()), extent));
      }
    }
    return candidates;
  }

  /** What may be chosen, by the blocks' names in a tuning file; the usual choice first. */
  static Map<String, List<String>> choices(Graph graph, KernelSet kernels, ValueStorage storage) {
    Map<String, List<String>> choices = new TreeMap<>();
    for (Candidate candidate : candidates(graph, kernels, storage)) {
      List<String> names = new ArrayList<>(List.of(SEPARATE));
      kernels.resBlock.tiles(candidate.extent()).forEach(tile -> names.add(BLOCK + tile));
      choices.put(candidate.key(), names);
    }
    return choices;
  }

  /** Whether a step's node is computed as a part of a block. */
  boolean covers(int step) {
    return covered.contains(step);
  }

  /** The block that is computed at a step. */
  Optional<Operator> at(int step) {
    return Optional.ofNullable(operators.get(step));
  }

  boolean isEmpty() {
    return operators.isEmpty();
  }

  /** The last step that reads a buffer, if a block does so later than its nodes would. */
  int lastUse(int buffer) {
    return lastUse.getOrDefault(buffer, 0);
  }
}
