package io.voiceprint.engine.cuda;

import io.voiceprint.engine.UnsupportedNetworkException;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;

/** Which nodes the kernels compute; asked before anything is laid out on a device. */
final class SupportedNodes {
  private static final int MAX_KERNEL = 3;

  private SupportedNodes() {}

  /**
   * @throws UnsupportedNetworkException naming the first node that no kernel computes
   */
  static void require(Graph graph) {
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Conv2d conv) {
        requirePlain(conv);
      } else if (node instanceof Node.StatisticsPooling pooling) {
        if (pooling.epsilon() != Node.StatisticsPooling.TSTP_EPSILON) {
          throw unsupported(node, "epsilon=" + pooling.epsilon());
        }
      } else if (node instanceof Node.ChannelAffine
          || node instanceof Node.Flatten
          || node instanceof Node.ContextGate
          || node instanceof Node.ContextAttentivePooling) {
        throw unsupported(node, "there is no kernel for it");
      }
    }
  }

  private static void requirePlain(Node.Conv2d conv) {
    if (!conv.geometry().isSquare()) {
      throw unsupported(conv, conv.geometry().toString());
    }
    if (conv.kernelF() != conv.kernelT() || conv.kernelF() > MAX_KERNEL) {
      throw unsupported(conv, "kernel %dx%d".formatted(conv.kernelF(), conv.kernelT()));
    }
  }

  static UnsupportedNetworkException unsupported(Node node, String what) {
    return new UnsupportedNetworkException("CUDA", node, what);
  }
}
