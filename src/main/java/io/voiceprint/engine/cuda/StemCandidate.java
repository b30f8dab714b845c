package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Value;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Mean subtraction within the first convolution: the filter bank adds each frame to its clip's
 * sums, and the convolution subtracts the mean from what it reads, so that the features are written
 * and read once each. To the bit what the separate kernels give, since the sums are exact.
 */
record StemCandidate(Node.Conv2d stem, KernelSet kernels) implements FusionCandidate {
  private static final String NORMALISING = "stem-cmn";

  /** That of a graph whose features one convolution reads alone; else none. */
  static List<FusionCandidate> of(Graph graph, KernelSet kernels) {
    List<Node> readers =
        graph.nodes().stream()
            .filter(node -> node.inputs().stream().anyMatch(input -> input.id() == 0))
            .toList();
    return readers.size() == 1
            && readers.get(0) instanceof Node.Conv2d stem
            && StemOperator.supports(stem)
        ? List.of(new StemCandidate(stem, kernels))
        : List.of();
  }

  @Override
  public String key() {
    return String.format(
        Locale.ROOT,
        "stem %s F%d C%d",
        kernels.mode(),
        stem.output().map().frequency(),
        stem.output().map().channels());
  }

  @Override
  public String kind() {
    return "front end and stem";
  }

  @Override
  public Map<String, Optional<String>> ways() {
    return Map.of(NORMALISING, Optional.empty());
  }

  @Override
  public Set<Integer> steps() {
    return Set.of(0, stem.output().id());
  }

  @Override
  public List<Value> reads() {
    return List.of();
  }

  @Override
  public Operator operator(String choice, WeightStore weights, List<Operator> separate) {
    return new NormalisingStem(
        (InputOperator) separate.get(0),
        (StemOperator) separate.get(stem.output().id()),
        stem.output().map().frequency());
  }

  private record NormalisingStem(InputOperator input, StemOperator stem, int bins)
      implements Operator {
    @Override
    public long clipSumBytes(RowSize row) {
      return ClipSums.bytes(row, bins);
    }

    @Override
    public void plan(RowPlan row, List<Launch> launches) {
      // Features that were given have no mean to subtract.
      ClipSums sums =
          row.memory().source() == Source.FEATURES
              ? ClipSums.NONE
              : new ClipSums(row.clipSums(), ClipSums.bytes(row.row(), bins));
      input.plan(row, sums, launches);
      stem.plan(row, sums, launches);
    }
  }
}
