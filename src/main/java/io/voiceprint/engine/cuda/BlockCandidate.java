package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A {@link ResidualBlock} in one kernel.
 *
 * @param extent of it
 * @param tiles by which this device can compute it
 */
record BlockCandidate(
    ResidualBlock block,
    ResBlockKernel.Extent extent,
    List<ResBlockKernel.Tile> tiles,
    KernelSet kernels,
    ValueStorage storage)
    implements FusionCandidate {
  private static final String BLOCK = "block-";

  /** The blocks of a graph that this device can compute so. */
  static List<FusionCandidate> of(Graph graph, KernelSet kernels, ValueStorage storage) {
    List<FusionCandidate> candidates = new ArrayList<>();
    for (ResidualBlock block : ResidualBlock.of(graph)) {
      ResBlockKernel.Extent extent = BlockOperator.extent(block, storage);
      boolean packs =
          storage.layout(block.reduce().output()).width() == extent.hidden()
              && storage.layout(block.expand().input()).width() == extent.hidden();
      List<ResBlockKernel.Tile> tiles = kernels.resBlock.tiles(extent);
      if (packs && !tiles.isEmpty()) {
        candidates.add(new BlockCandidate(block, extent, tiles, kernels, storage));
      }
    }
    return candidates;
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
  public List<String> choices() {
    return tiles.stream().map(tile -> BLOCK + tile).toList();
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
    ResBlockKernel.Tile tile = tiles.get(choices().indexOf(choice));
    return new BlockOperator(block, kernels, extent, tile, storage, weights);
  }
}
