package io.voiceprint.graph;

/** What a graph costs for one utterance. */
public final class GraphCost {
  private GraphCost() {}

  /**
   * Multiply-accumulates of all matrix products (convolutions, fusions, fully connected and
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

  private static long weights(Node node) {
    if (node instanceof Node.Conv2d conv) {
      return elements(conv.weight(), conv.bias());
    }
    if (node instanceof Node.AttentionalFusion fusion) {
      return elements(
          fusion.squeezeWeight(), fusion.squeezeBias(), fusion.expandWeight(), fusion.expandBias());
    }
    if (node instanceof Node.AttentivePooling pooling) {
      return elements(
          pooling.hiddenWeight(), pooling.hiddenBias(), pooling.scoreWeight(), pooling.scoreBias());
    }
    return node instanceof Node.Linear linear ? elements(linear.weight(), linear.bias()) : 0;
  }

  private static long elements(Tensor... tensors) {
    long elements = 0;
    for (Tensor tensor : tensors) {
      elements += tensor.data().length;
    }
    return elements;
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
    if (node instanceof Node.Linear linear) {
      return (long) linear.weight().extent(0) * linear.weight().extent(1);
    }
    return 0;
  }
}
