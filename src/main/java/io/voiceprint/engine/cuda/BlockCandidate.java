package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A {@link ResidualBlock} in one kernel.
 *
 * @param extent of it
 */
record BlockCandidate(
    ResidualBlock block, ResBlockKernel.Extent extent, KernelSet kernels, ValueStorage storage)
    implements FusionCandidate {
  private static final String BLOCK = "block-";

  /** The blocks of a graph whose parts lie one behind the other in memory. */
  static List<FusionCandidate> of(Graph graph, KernelSet kernels, ValueStorage storage) {
    List<FusionCandidate> candidates = new ArrayList<>();
    for (ResidualBlock block : ResidualBlock.of(graph)) {
      ResBlockKernel.Extent extent = BlockOperator.extent(block, storage);
      if (storage.layout(block.reduce().output()).width() == extent.hidden()
          && storage.layout(block.expand().input()).width() == extent.hidden()) {
        candidates.add(new BlockCandidate(block, extent, kernels, storage));
      }
    }
    return candidates;
  }

  private static String name(ResBlockKernel.Tile tile) {
    return BLOCK + tile;
  }

  @Override
  public String key() {
    return extent.key(kernels.mode());
  }

  @Override
  public String kind() {
    return "residual block";
  }

  @Override
  public Map<String, Optional<String>> ways() {
    Map<String, Optional<String>> ways = new LinkedHashMap<>();
    for (ResBlockKernel.Tile tile : ResBlockKernel.Tile.ALL) {
      ways.put(name(tile), kernels.resBlock.obstacle(extent, tile));
    }
    return ways;
  }

  @Override
  public Set<Integer> steps() {
    return block.steps();
  }

  @Override
  public List<Value> reads() {
    return List.of(block.input());
  }

  @Override
  public Operator operator(String choice, WeightStore weights, List<Operator> separate) {
    ResBlockKernel.Tile chosen =
        ResBlockKernel.Tile.ALL.stream()
            .filter(tile -> name(tile).equals(choice))
            .findFirst()
            .orElseThrow();
    return new BlockOperator(block, kernels, extent, chosen, storage, weights);
  }
}
