package io.voiceprint.graph;

import java.util.List;

/**
 * A network as an immutable list of nodes in execution order; the last one computes the embedding.
 *
 * @param nodes in execution order; node i computes the value with id i, node 0 is the {@link
 *     Node.Input}
 */
public record Graph(List<Node> nodes) {
  public Graph {
    nodes = List.copyOf(nodes);
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      if (node.output().id() != i) {
        throw new IllegalArgumentException(
            "%s: id=%d at position %d".formatted(node.name(), node.output().id(), i));
      }
      for (Value input : node.inputs()) {
        if (input.id() >= i) {
          throw new IllegalArgumentException(
              "%s reads %s before it is computed".formatted(node.name(), input.name()));
        }
      }
    }
    if (nodes.isEmpty() || !(nodes.get(0) instanceof Node.Input)) {
      throw new IllegalArgumentException("the first node must be the input");
    }
  }

  /** The features: (1, mel bins, T). */
  public Value input() {
    return nodes.get(0).output();
  }

  /** The embedding: a vector. */
  public Value output() {
    return nodes.get(nodes.size() - 1).output();
  }

  /** F of the features. */
  public int melBins() {
    return input().map().frequency();
  }

  /** D. */
  public int embeddingSize() {
    return output().vector().size();
  }

  /**
   * Fewest feature frames for which every node is defined. A pooling that takes an unbiased
   * standard deviation needs two time steps, so behind a time stride of 8 it needs 9 frames. A
   * convolution that pads by reflection needs more time steps than its kernel reaches beyond an
   * end.
   */
  public int minFrames() {
    int min = 1;
    for (Node node : nodes) {
      if (node instanceof Node.StatisticsPooling pooling
          && pooling.statistics().hasStandardDeviation()) {
        min = Math.max(min, pooling.input().map().timeStride() + 1);
      }
      if (node instanceof Node.Conv2d conv
          && conv.geometry().padding() == ConvGeometry.Padding.REFLECT) {
        min = Math.max(min, conv.radiusT() * conv.input().map().timeStride() + 1);
      }
    }
    return min;
  }

  /** The node of that name, or {@code null}. */
  public Node find(String name) {
    for (Node node : nodes) {
      if (node.name().equals(name)) {
        return node;
      }
    }
    return null;
  }
}
