package io.voiceprint.graph;

import java.util.List;

/** What a graph costs for one utterance. */
public final class GraphCost {
  private GraphCost() {}

  /**
   * Multiply-accumulates of all matrix products (convolutions, fusions, gates, fully connected and
   * attention layers) for an utterance of {@code frames} frames. Element-wise work is not counted.
   */
  public static long macs(Graph graph, int frames) {
    long total = 0;
    for (Node node : graph.nodes()) {
      total += macs(node, frames);
    }
    return total;
  }

  /** Floating-point operations of one node: two for each multiply-accumulate. */
  public static long flop(Node node, int frames) {
    return 2 * macs(node, frames);
  }

  /** Floating-point operations of a graph: two for each multiply-accumulate. */
  public static long flop(Graph graph, int frames) {
    return 2 * macs(graph, frames);
  }

  /**
   * Least memory traffic of one node: its inputs and weights read once, its output written once. A
   * view moves nothing.
   *
   * @param elementBytes of activations and weights
   */
  public static long bytes(Node node, int frames, int elementBytes) {
    if (node instanceof Node.ChannelSlice || node instanceof Node.Input) {
      return 0;
    }
    long elements = node.output().shape().elements(frames) + weights(node);
    for (Value input : node.inputs()) {
      elements += input.shape().elements(frames);
    }
    return elements * elementBytes;
  }

  /** Constants of one node, after folding. */
  static long weights(Node node) {
    List<Tensor> tensors = List.of();
    if (node instanceof Node.Conv2d conv) {
      tensors = List.of(conv.weight(), conv.bias());
    } else if (node instanceof Node.ChannelAffine affine) {
      tensors = List.of(affine.scale(), affine.shift());
    } else if (node instanceof Node.AttentionalFusion fusion) {
      tensors =
          List.of(
              fusion.squeezeWeight(),
              fusion.squeezeBias(),
              fusion.expandWeight(),
              fusion.expandBias());
    } else if (node instanceof Node.ContextGate gate) {
      tensors =
          List.of(gate.squeezeWeight(), gate.squeezeBias(), gate.expandWeight(), gate.expandBias());
    } else if (node instanceof Node.AttentivePooling pooling) {
      tensors =
          List.of(
              pooling.hiddenWeight(),
              pooling.hiddenBias(),
              pooling.scoreWeight(),
              pooling.scoreBias());
    } else if (node instanceof Node.ContextAttentivePooling pooling) {
      tensors =
          List.of(
              pooling.hiddenWeight(),
              pooling.hiddenBias(),
              pooling.normScale(),
              pooling.normShift(),
              pooling.scoreWeight(),
              pooling.scoreBias());
    } else if (node instanceof Node.Linear linear) {
      tensors = List.of(linear.weight(), linear.bias());
    }
    return tensors.stream().mapToLong(Tensor::elements).sum();
  }

  /** Multiply-accumulates of one node. */
  public static long macs(Node node, int frames) {
    if (node instanceof Node.Conv2d conv) {
      return (long) conv.inChannels()
          * conv.kernelF()
          * conv.kernelT()
          * conv.output().shape().elements(frames);
    }
    if (node instanceof Node.AttentionalFusion fusion) {
      return 3L * fusion.innerChannels() * fusion.output().shape().elements(frames);
    }
    if (node instanceof Node.AttentivePooling pooling) {
      return 2L * pooling.hiddenBias().extent(0) * pooling.input().shape().elements(frames);
    }
    if (node instanceof Node.ContextAttentivePooling pooling) {
      // The columns of μ and σ are multiplied once, those of x and the scores at each time step.
      long channels = pooling.input().map().channels();
      long steps = pooling.input().map().time(frames);
      return 2L * pooling.hidden() * channels * (steps + 1);
    }
    if (node instanceof Node.ContextGate gate) {
      long weights = (long) gate.squeezeWeight().elements() + gate.expandWeight().elements();
      return weights * gate.gates(gate.output().map().time(frames));
    }
    if (node instanceof Node.Linear linear) {
      return (long) linear.weight().extent(0) * linear.weight().extent(1);
    }
    return 0;
  }
}
