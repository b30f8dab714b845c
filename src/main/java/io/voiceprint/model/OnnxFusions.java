package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.OnnxNode;
import io.voiceprint.model.OnnxLayers.Layer;

/** Reads attentional fusions, of stages and of the parts of a block. */
final class OnnxFusions {
  private final OnnxMatcher match;
  private final OnnxLayers layers;

  OnnxFusions(OnnxMatcher match, OnnxLayers layers) {
    this.match = match;
    this.layers = layers;
  }

  /**
   * Attentional fusion of two values.
   *
   * @param x the first value, scaled by 1 + a
   * @param y the second, scaled by 1 - a
   */
  record Fusion(String x, String y, Layer squeeze, Layer expand) {}

  /** x·(1 + a) + y·(1 - a), where a = tanh(expand(silu(squeeze([x; y])))). */
  Fusion fusion(String value) throws CheckpointException {
    OnnxNode sum = match.node(value, "Add", "attentional fusion");
    OnnxNode timesX = match.node(sum.input(0), "Mul", "x · (1 + a)");
    OnnxNode timesY = match.node(sum.input(1), "Mul", "y · (1 - a)");
    OnnxNode gateX = match.node(timesX.input(1), "Add", "1 + a");
    OnnxNode tanh = match.node(match.besideScalar(gateX, 1, "1 + a"), "Tanh", "gate of the fusion");
    OnnxNode gateY = match.node(timesY.input(1), "Sub", "2 - (1 + a)");
    Double two = match.scalar(gateY.input(0));
    if (two == null || two != 2) {
      throw match.refuse(gateY, "expected the constant 2 as the first input (1 - a)");
    }
    match.requireSame(gateY, gateY.input(1), timesX.input(1), "1 + a");
    Layer expand = layers.conv(tanh.input(0), 4, 1, "second convolution of the fusion");
    layers.requireStride(expand, 1);
    Layer squeeze = layers.conv(silu(expand.input()), 4, 1, "first convolution of the fusion");
    layers.requireStride(squeeze, 1);
    OnnxNode concat = match.node(squeeze.input(), "Concat", "[x; y]");
    match.requireAxis(concat, match.integers(concat, "axis", -1), 1, 4);
    if (concat.inputs().size() != 2) {
      throw match.refuse(concat, "joins %d values, expected 2".formatted(concat.inputs().size()));
    }
    match.requireSame(concat, concat.input(0), timesX.input(0), "x");
    match.requireSame(concat, concat.input(1), timesY.input(0), "y");
    return new Fusion(timesX.input(0), timesY.input(0), squeeze, expand);
  }

  private String silu(String value) {
    OnnxNode times = match.node(value, "Mul", "SiLU of the fusion");
    int gate = match.is(times.input(1), "Sigmoid") ? 1 : 0;
    OnnxNode sigmoid = match.node(times.input(gate), "Sigmoid", "SiLU of the fusion");
    match.requireSame(times, times.input(1 - gate), sigmoid.input(0), "SiLU of one value");
    return sigmoid.input(0);
  }
}
