package io.voiceprint.engine;

import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;

/**
 * What an engine executes: a front end and the network that reads its features.
 *
 * @param frontEnd has as many mel bins as the graph
 */
public record Pipeline(FbankOptions frontEnd, Graph graph) {
  /**
   * @throws IllegalArgumentException if the graph reads other features
   */
  public Pipeline {
    if (frontEnd.melBins() != graph.melBins()) {
      throw new IllegalArgumentException(
          "front end melBins=%d but graph melBins=%d"
              .formatted(frontEnd.melBins(), graph.melBins()));
    }
  }

  /**
   * The node of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Node node(String name) {
    Node found = graph.find(name);
    if (found == null) {
      throw new IllegalArgumentException("the graph has no node \"%s\"".formatted(name));
    }
    return found;
  }
}
