package io.voiceprint.engine.reference;

import io.voiceprint.graph.Node;

/** {@link Node.Linear}, summed in double precision. */
final class FullyConnected {
  private final Node.Linear node;
  private final float[] weights; // (O, I)

  FullyConnected(Node.Linear node, Rounding rounding) {
    this.node = node;
    this.weights = node.weight().data().clone();
    rounding.round(weights, 0, weights.length);
  }

  void run(Activations in, Activations out) {
    int size = in.elements();
    for (int o = 0; o < out.elements(); o++) {
      double sum = node.bias().data()[o];
      for (int i = 0; i < size; i++) {
        sum += (double) weights[o * size + i] * in.data()[in.offset() + i];
      }
      out.data()[out.offset() + o] = node.activation().apply((float) sum);
    }
  }
}
