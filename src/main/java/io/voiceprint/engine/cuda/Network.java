package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.KernelLibrary;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.engine.UnsupportedNetworkException;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/**
 * A graph and its front end prepared for one device and format: weights on the device, operators,
 * and where values lie. Immutable; all lanes share it.
 */
final class Network {
  private final Graph graph;
  private final FbankOptions frontEnd;
  private final MathMode mode;
  private final RowGeometry geometry;
  private final ValueStorage storage;
  private final List<Operator> operators;
  private final FusedSteps fused;
  private final WaveInput input;
  private final int[] timeStrides;
  private final long weightBytes;

  /**
   * Uploads the weights and waits.
   *
   * @throws UnsupportedNetworkException if the graph is beyond what the kernels compute
   */
  Network(CudaContext context, Graph graph, FbankOptions frontEnd, MathMode mode, Tuning tuning) {
    this.graph = graph;
    this.frontEnd = frontEnd;
    this.mode = mode;
    this.geometry = RowGeometry.of(graph);
    this.storage = new ValueStorage(graph, ChannelLayouts.of(graph));
    this.timeStrides =
        graph.nodes().stream()
            .filter(node -> node.output().shape() instanceof FeatureMap)
            .mapToInt(node -> node.output().map().timeStride())
            .distinct()
            .sorted()
            .toArray();
    KernelSet kernels = new KernelSet(new KernelLibrary(context), mode, context.device());
    WeightStore weights = new WeightStore();
    this.input = new WaveInput(frontEnd, geometry, kernels, weights);
    this.operators = Operators.of(graph, kernels, storage, weights, tuning, input);
    this.fused = new FusedSteps(graph, kernels, storage, weights, tuning, operators);
    this.weightBytes = weights.bytes();
    weights.upload(context);
  }

  Graph graph() {
    return graph;
  }

  FbankOptions frontEnd() {
    return frontEnd;
  }

  MathMode mode() {
    return mode;
  }

  /** From samples to features. */
  WaveInput input() {
    return input;
  }

  RowGeometry geometry() {
    return geometry;
  }

  ValueStorage storage() {
    return storage;
  }

  /** Those of all levels, ascending; not to be changed. */
  int[] timeStrides() {
    return timeStrides;
  }

  /** Bytes of the weights on the device. */
  long weightBytes() {
    return weightBytes;
  }

  /** Bytes of what a row is computed from. */
  long payloadBytes(RowSize row, Source source) {
    return source == Source.FEATURES
        ? (long) Float.BYTES * row.columns() * frontEnd.melBins()
        : input.payloadBytes(row, source);
  }

  /** Bytes of the embeddings of a row. */
  long resultBytes(RowSize row) {
    return (long) Float.BYTES * row.clips() * graph.embeddingSize();
  }

  long scratchBytes(int step, RowSize row, Source source) {
    if (step == 0) {
      return source == Source.FEATURES ? 0 : input.scratchBytes(row, source);
    }
    return operators.get(step).scratchBytes(row);
  }

  /** Adds the launches of one step: the front end is step 0, and fused steps are their last. */
  void plan(int step, RowPlan row, List<Launch> launches) {
    if (fused.covering(step).isPresent()) {
      fused.at(step).ifPresent(operator -> operator.plan(row, launches));
    } else {
      planSeparately(step, row, launches);
    }
  }

  /** The steps that are computed together. */
  FusedSteps fused() {
    return fused;
  }

  /** As {@link #plan}, of the step's own node, which needs all nodes before it on their own too. */
  void planSeparately(int step, RowPlan row, List<Launch> launches) {
    operators.get(step).plan(row, launches);
  }

  Node node(int step) {
    return graph.nodes().get(step);
  }
}
