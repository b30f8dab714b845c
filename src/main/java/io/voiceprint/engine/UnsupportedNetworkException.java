package io.voiceprint.engine;

import io.voiceprint.graph.Node;

/** An engine has no implementation of a node that a network needs. */
public final class UnsupportedNetworkException extends EngineException {
  private static final long serialVersionUID = 1L;

  /**
   * @param engine in words, such as {@code CUDA}
   * @param what of the node is not implemented
   */
  public UnsupportedNetworkException(String engine, Node node, String what) {
    super(
        "%s: the %s engine cannot run this %s: %s; use another device"
            .formatted(node.name(), engine, node.getClass().getSimpleName(), what));
  }
}
