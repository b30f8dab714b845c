package io.voiceprint.engine.cuda;

import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A step of the global fusion in one kernel: the stages so far are downsampled and fused with the
 * next by attention, which alone reads what is downsampled.
 *
 * @param extent of it
 */
record DownsampleCandidate(
    Node.Conv2d conv,
    Node.AttentionalFusion fusion,
    DownsampleAffKernel.Extent extent,
    KernelSet kernels,
    ValueStorage storage)
    implements FusionCandidate {
  private static final String DOWNSAMPLE = "downsample-";

  /** Those of a graph. */
  static List<FusionCandidate> of(Graph graph, KernelSet kernels, ValueStorage storage) {
    List<FusionCandidate> candidates = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node instanceof Node.AttentionalFusion fusion
          && graph.nodes().get(fusion.y().id()) instanceof Node.Conv2d conv
          && isDownsample(conv)
          && readers(graph, conv.output()) == 1
          && fusion.x().id() != fusion.y().id()) {
        DownsampleAffKernel.Extent extent = extent(conv, fusion, storage);
        candidates.add(new DownsampleCandidate(conv, fusion, extent, kernels, storage));
      }
    }
    return candidates;
  }

  private static String name(DownsampleAffKernel.Tile tile) {
    return DOWNSAMPLE + tile;
  }

  private static boolean isDownsample(Node.Conv2d conv) {
    return conv.kernelF() == 3
        && conv.kernelT() == 3
        && conv.geometry().equals(ConvGeometry.square(2))
        && conv.residual() == null
        && conv.input().id() != 0;
  }

  private static long readers(Graph graph, Value value) {
    return graph.nodes().stream()
        .filter(node -> node.inputs().stream().anyMatch(input -> input.id() == value.id()))
        .count();
  }

  private static DownsampleAffKernel.Extent extent(
      Node.Conv2d conv, Node.AttentionalFusion fusion, ValueStorage storage) {
    FeatureMap map = conv.input().map();
    return new DownsampleAffKernel.Extent(
        map.frequency(),
        map.timeStride(),
        storage.layout(conv.input()).width(),
        storage.layout(conv.output()).width(),
        AffMmaKernel.inner(fusion.innerChannels()));
  }

  @Override
  public String key() {
    return extent.key(kernels.mode());
  }

  @Override
  public String kind() {
    return "downsample and fusion";
  }

  @Override
  public Map<String, Optional<String>> ways() {
    Map<String, Optional<String>> ways = new LinkedHashMap<>();
    for (DownsampleAffKernel.Tile tile : DownsampleAffKernel.Tile.ALL) {
      ways.put(name(tile), kernels.downsampleAff.obstacle(extent, tile));
    }
    return ways;
  }

  @Override
  public Set<Integer> steps() {
    return Set.of(conv.output().id(), fusion.output().id());
  }

  @Override
  public List<Value> reads() {
    return List.of(conv.input());
  }

  @Override
  public Operator operator(String choice, WeightStore weights, List<Operator> separate) {
    DownsampleAffKernel.Tile chosen =
        DownsampleAffKernel.Tile.ALL.stream()
            .filter(tile -> name(tile).equals(choice))
            .findFirst()
            .orElseThrow();
    return new DownsampleOperator(this, chosen, weights);
  }
}
