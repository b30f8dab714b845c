package io.voiceprint.model;

import io.voiceprint.checkpoint.OnnxGraph;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.graph.Tensor;
import io.voiceprint.model.OnnxLayers.Layer;
import io.voiceprint.model.OnnxLayers.Norm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The weights of recognised layers, under the names that a checkpoint gives them. */
final class OnnxWeights {
  private final OnnxGraph graph;
  private final OnnxMatcher match;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

  OnnxWeights(OnnxGraph graph, OnnxMatcher match) {
    this.graph = graph;
    this.match = match;
  }

  /** What was named so far, with the file's metadata. */
  StateDict stateDict() {
    return StateDict.of(graph.source(), tensors, graph.metadata());
  }

  void name(String name, Norm norm) {
    List<String> keys = List.of(".weight", ".bias", ".running_mean", ".running_var");
    for (int i = 0; i < keys.size(); i++) {
      put(name + keys.get(i), norm.parameters().get(i));
    }
  }

  /** Names a layer that has a bias, or had a norm that was folded into one. */
  void nameBiased(String name, Layer layer) {
    int channels = layer.weight().extent(0);
    put(name + ".weight", layer.weight());
    put(
        name + ".bias",
        layer.bias() == null ? Tensor.of(new float[channels], channels) : layer.bias());
  }

  /** Names a layer that has neither bias nor norm. */
  void nameUnbiased(String name, Layer layer) {
    if (layer.bias() != null) {
      throw match.refuse(layer.node(), "has a bias, which %s has not".formatted(name));
    }
    put(name + ".weight", layer.weight());
  }

  void put(String name, Tensor tensor) {
    tensors.put(name, new FoldedTensor(name, tensor));
  }
}
