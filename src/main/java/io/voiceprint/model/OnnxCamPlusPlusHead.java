package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.OnnxNode;
import io.voiceprint.model.OnnxLayers.Layer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Recognises the front-end convolution module of CAM++, a small residual network over frequencies
 * and frames, in an ONNX graph.
 */
final class OnnxCamPlusPlusHead {
  private final OnnxMatcher match;
  private final OnnxLayers layers;
  private final OnnxTemporal temporal;
  private final OnnxWeights weights;

  /**
   * A residual block.
   *
   * @param shortcut {@code null} where the input itself is added
   */
  private record Residual(Layer conv1, Layer conv2, Layer shortcut) {}

  OnnxCamPlusPlusHead(
      OnnxMatcher match, OnnxLayers layers, OnnxTemporal temporal, OnnxWeights weights) {
    this.match = match;
    this.layers = layers;
    this.temporal = temporal;
    this.weights = weights;
  }

  /** Recognises the head whose channels and frequencies a layer reads; returns its channels. */
  int before(Layer tdnn) throws CheckpointException {
    OnnxNode flat = match.node(tdnn.input(), "Reshape", "channels and frequencies as channels");
    temporal.requireExtentsAlone(flat, 1, "channels times frequencies");
    Layer last = conv(relu(flat.input(0)), 3, "last convolution of the head");
    requireStrides(last, 2);
    weights.nameBiased("head.conv2", last);
    Deque<List<Residual>> stages = new ArrayDeque<>();
    Deque<Residual> blocks = new ArrayDeque<>();
    String value = last.input();
    while (match.is(relu(value), "Add")) {
      Residual block = residual(relu(value));
      blocks.addFirst(block);
      match.recognised("residual block");
      value = block.conv1().input();
      if (block.shortcut() != null) {
        stages.addFirst(List.copyOf(blocks));
        blocks.clear();
      }
    }
    Layer stem = conv(relu(value), 3, "stem");
    if (stages.size() != 2 || !blocks.isEmpty()) {
      throw match.refuse(
          stem.node(),
          "is followed by %d stages that halve the frequencies, expected 2"
              .formatted(stages.size()));
    }
    requireStrides(stem, 1);
    weights.nameBiased("head.conv1", stem);
    int stage = 1;
    for (List<Residual> list : stages) {
      for (int i = 0; i < list.size(); i++) {
        name("head.layer" + stage + "." + i + ".", list.get(i));
      }
      stage++;
    }
    match.requireFeatures(match.channelAxis(stem.input()));
    return stem.weight().extent(0);
  }

  private String relu(String value) {
    return match.node(value, "Relu", "head").input(0);
  }

  private Layer conv(String value, int kernel, String role) throws CheckpointException {
    Layer layer = layers.convolution(value, 4, kernel, role);
    layers.requirePads(layer.node(), 4, (kernel - 1) / 2);
    match.requireNumbers(layer.node(), "dilations", List.of(1.0, 1.0), List.of(1.0, 1.0));
    return layer;
  }

  private void requireStrides(Layer layer, double strideF) {
    match.requireNumbers(layer.node(), "strides", List.of(strideF, 1.0), List.of(1.0, 1.0));
  }

  private Residual residual(String value) throws CheckpointException {
    OnnxNode sum = match.node(value, "Add", "residual block");
    Layer conv2 = conv(sum.input(0), 3, "second convolution of a residual block");
    requireStrides(conv2, 1);
    Layer conv1 = conv(relu(conv2.input()), 3, "first convolution of a residual block");
    if (match.same(sum.input(1), conv1.input())) {
      requireStrides(conv1, 1);
      return new Residual(conv1, conv2, null);
    }
    requireStrides(conv1, 2);
    Layer shortcut = conv(sum.input(1), 1, "shortcut of a residual block");
    requireStrides(shortcut, 2);
    match.requireSame(sum, shortcut.input(), conv1.input(), "the block's input");
    return new Residual(conv1, conv2, shortcut);
  }

  private void name(String prefix, Residual block) {
    weights.nameBiased(prefix + "conv1", block.conv1());
    weights.nameBiased(prefix + "conv2", block.conv2());
    if (block.shortcut() != null) {
      weights.nameBiased(prefix + "shortcut.0", block.shortcut());
    }
  }
}
