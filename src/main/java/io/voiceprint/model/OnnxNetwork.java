package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.OnnxGraph;
import io.voiceprint.checkpoint.OnnxNode;
import io.voiceprint.checkpoint.StateDict;
import java.util.Map;

/**
 * A network recognised in an ONNX file by its structure.
 *
 * @param weights under the names that a checkpoint has, batch norm folded in where the exporter did
 *     so, with the file's metadata
 * @param facts constructor arguments that the graph shows and the weights do not
 */
record OnnxNetwork(StateDict weights, Pooling pooling, Map<String, String> facts) {
  OnnxNetwork {
    facts = Map.copyOf(facts);
  }

  /**
   * Recognises the network of a file; which one to look for, its last operation tells.
   *
   * @param file an ONNX file
   * @throws ModelException if it is no known network, naming the node that does not fit
   */
  static OnnxNetwork read(StateDict file) throws CheckpointException {
    OnnxGraph graph = file.network();
    if (graph.outputs().size() != 1 || graph.inputs().size() != 1) {
      throw new ModelException(
          "%s: the ONNX graph has the inputs %s and outputs %s, expected one of features and one of embeddings"
              .formatted(graph.source(), graph.inputs().keySet(), graph.outputs()));
    }
    OnnxNode last = graph.producer(new OnnxMatcher(graph).resolve(graph.outputs().get(0)));
    return switch (last == null ? "" : last.op()) {
      case "If" -> OnnxEcapaTdnn.read(file);
      case "BatchNormalization" -> OnnxCamPlusPlus.read(file);
      default -> OnnxRes2Net.read(file);
    };
  }
}
