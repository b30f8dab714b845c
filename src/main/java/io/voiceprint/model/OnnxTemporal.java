package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.OnnxGraph;
import io.voiceprint.checkpoint.OnnxNode;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.model.OnnxLayers.Layer;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Layers along time in an ONNX graph.
 *
 * <p>PyTorch exports amounts of padding, parts and repetitions as arithmetic on the extents of
 * values. That arithmetic is not evaluated: where it depends on extents and constants alone, it is
 * taken to be what the recognised layer does.
 */
final class OnnxTemporal {
  /** Operations between a shape and what is computed of it; PyTorch writes about twenty. */
  private static final int MAX_DEPTH = 100;

  private final OnnxGraph graph;
  private final OnnxMatcher match;
  private final OnnxLayers layers;
  private final Map<String, Boolean> extentsAlone = new HashMap<>();

  OnnxTemporal(OnnxGraph graph, OnnxMatcher match, OnnxLayers layers) {
    this.graph = graph;
    this.match = match;
    this.layers = layers;
  }

  /**
   * A 1-d convolution of stride 1 without padding, whatever its dilation; the value is (N, C, T).
   */
  private Layer unpadded(String value, int kernel, String role) throws CheckpointException {
    Layer layer = layers.convolution(value, 3, kernel, role);
    layers.requirePads(layer.node(), 3, 0);
    requireStride(layer, 1);
    return layer;
  }

  void requireStride(Layer layer, int stride) {
    match.requireNumbers(layer.node(), "strides", List.of((double) stride), List.of(1.0));
  }

  /** Steps between the taps of a 1-d convolution. */
  static int dilation(Layer layer) {
    return layer.node().numbers("dilations", List.of(1.0)).get(0).intValue();
  }

  /** Extent of the kernel of the 1-d convolution that computes a value. */
  int kernel(String value, String role) {
    OnnxNode node = match.node(value, "Conv", role);
    StoredTensor weight = graph.constant(match.resolve(node.input(1)));
    if (weight == null || weight.shape().length != 3 || weight.shape()[2] % 2 == 0) {
      throw match.refuse(node, "has no constant weight (O, I, K) with an odd K");
    }
    return weight.shape()[2];
  }

  /** A 1-d convolution of stride 1 that pads by reflection and keeps the number of frames. */
  Layer reflected(String value, int kernel, String role) throws CheckpointException {
    Layer layer = unpadded(value, kernel, role);
    if (kernel == 1 && !match.is(layer.input(), "Pad")) {
      return layer;
    }
    OnnxNode pad = match.node(layer.input(), "Pad", "mirrored ends (" + role + ")");
    if (!pad.texts().getOrDefault("mode", "constant").equals("reflect")) {
      throw match.refuse(pad, "does not mirror (mode=reflect)");
    }
    long reach = (long) dilation(layer) * (kernel - 1);
    List<Long> constant = match.integers(pad, "pads", 1);
    if (!constant.isEmpty()) {
      if (!constant.equals(List.of(0L, 0L, reach / 2, 0L, 0L, reach / 2))) {
        throw match.refuse(
            pad, "pads %s, expected %d on both sides".formatted(constant, reach / 2));
      }
    } else {
      requireExtentsAlone(pad, 1, "amount of padding");
      if (reach > 0 && !constants(pad.input(1), new HashSet<>(), MAX_DEPTH).contains(reach)) {
        throw match.refuse(pad, "pads by something else than %d in all".formatted(reach));
      }
    }
    return new Layer(layer.node(), layer.weight(), layer.bias(), pad.input(0), 1);
  }

  /**
   * A 1-d convolution that pads with zeros so that only its stride changes the number of frames.
   */
  Layer zeroPadded(String value, int kernel, int stride, String role) throws CheckpointException {
    Layer layer = layers.convolution(value, 3, kernel, role);
    layers.requirePads(layer.node(), 3, dilation(layer) * (kernel - 1) / 2);
    requireStride(layer, stride);
    return layer;
  }

  /** Requires that an input of a node follows from constants and from extents of values. */
  void requireExtentsAlone(OnnxNode node, int input, String role) {
    if (!dependsOnExtentsAlone(node.input(input), MAX_DEPTH)) {
      throw match.refuse(
          node, "computes input %d from more than extents (%s)".formatted(input, role));
    }
  }

  private boolean dependsOnExtentsAlone(String value, int depth) {
    Boolean known = extentsAlone.get(value);
    if (known != null) {
      return known;
    }
    OnnxNode node = graph.producer(value);
    boolean alone = graph.constant(value) != null || (node != null && node.op().equals("Shape"));
    if (!alone && node != null && depth > 0 && !node.inputs().isEmpty()) {
      alone =
          node.inputs().stream()
              .allMatch(in -> in.isEmpty() || dependsOnExtentsAlone(in, depth - 1));
    }
    extentsAlone.put(value, alone);
    return alone;
  }

  /** The whole numbers that arithmetic on extents uses. */
  private Set<Long> constants(String value, Set<String> seen, int depth)
      throws CheckpointException {
    StoredTensor constant = graph.constant(value);
    OnnxNode node = graph.producer(value);
    if (constant != null && !constant.dtype().isFloatingPoint()) {
      return new HashSet<>(graph.integers(value));
    }
    if (constant != null || node == null || node.op().equals("Shape") || depth == 0) {
      return Collections.emptySet();
    }
    Set<Long> found = new HashSet<>();
    for (String input : node.inputs()) {
      if (seen.add(input)) {
        found.addAll(constants(input, seen, depth - 1));
      }
    }
    return found;
  }
}
