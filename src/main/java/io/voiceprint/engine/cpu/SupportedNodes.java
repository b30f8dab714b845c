package io.voiceprint.engine.cpu;

import io.voiceprint.engine.UnsupportedNetworkException;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;

/** Which nodes the oneDNN engine computes; asked before a graph is laid out. */
final class SupportedNodes {
  private SupportedNodes() {}

  /**
   * @throws UnsupportedNetworkException naming the first node that is not implemented
   */
  static void require(Graph graph) {
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Conv2d conv && !conv.geometry().isSquare()) {
        throw unsupported(node, conv.geometry().toString());
      }
      if (node instanceof Node.StatisticsPooling pooling
          && pooling.epsilon() != Node.StatisticsPooling.TSTP_EPSILON) {
        throw unsupported(node, "epsilon=" + pooling.epsilon());
      }
      if (node instanceof Node.ChannelAffine
          || node instanceof Node.Flatten
          || node instanceof Node.ContextGate
          || node instanceof Node.ContextAttentivePooling) {
        throw unsupported(node, "it is not implemented");
      }
    }
  }

  private static UnsupportedNetworkException unsupported(Node node, String what) {
    return new UnsupportedNetworkException("oneDNN", node, what);
  }
}
