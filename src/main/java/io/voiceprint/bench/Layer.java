package io.voiceprint.bench;

import io.voiceprint.engine.NodeWork;
import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.GraphCost;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.Locale;
import java.util.Optional;

/**
 * One node of a profile.
 *
 * @param kind what it computes, such as {@code "conv 3x3 /2"}
 * @param shape of its output: channels x mel axis x time, or the size of a vector
 * @param ms time; 0 where its work is in another layer
 * @param flop two for each multiply-accumulate
 * @param bytes that its launches read and write where the engine counts them, else inputs, weights
 *     and output; each array once
 * @param launches of kernels and of libraries; 0 where the engine does not count them
 */
record Layer(
    String name, String kind, String shape, double ms, long flop, long bytes, int launches) {
  /** What tables would show as 0.000. */
  private static final double LEAST_MS = 0.0005;

  /**
   * @param elementBytes of activations and weights
   * @param work that the engine counted, if it does
   */
  static Layer of(Node node, int frames, int elementBytes, double ms, Optional<NodeWork> work) {
    long least = GraphCost.bytes(node, frames, elementBytes);
    return new Layer(
        node.name(),
        kind(node),
        shape(node, frames),
        ms,
        GraphCost.flop(node, frames),
        work.map(counted -> counted.bytes().orElse(least)).orElse(least),
        work.map(NodeWork::launches).orElse(0));
  }

  private static String kind(Node node) {
    if (node instanceof Node.Conv2d conv) {
      return "conv %dx%d%s%s"
          .formatted(
              conv.kernelF(),
              conv.kernelT(),
              stride(conv.geometry()),
              conv.residual() == null ? "" : " + residual");
    }
    // AttentionalFusion becomes "attentional fusion".
    return node.getClass()
        .getSimpleName()
        .replaceAll("(?<=.)([A-Z])", " $1")
        .toLowerCase(Locale.ROOT);
  }

  private static String stride(ConvGeometry geometry) {
    if (geometry.strideF() == geometry.strideT()) {
      return geometry.strideT() == 1 ? "" : " /" + geometry.strideT();
    }
    return " /%dx%d".formatted(geometry.strideF(), geometry.strideT());
  }

  private static String shape(Node node, int frames) {
    return node.output().shape() instanceof FeatureMap map
        ? "%d x %d x %d".formatted(map.channels(), map.frequency(), map.time(frames))
        : String.valueOf(node.output().vector().size());
  }

  /** The kind without strides and residuals: what takes the time, on the whole. */
  String family() {
    return kind.startsWith("conv ") ? kind.split(" ", -1)[0] + " " + kind.split(" ", -1)[1] : kind;
  }

  /** Whether it has a time of its own that is worth telling. */
  boolean isTimed() {
    return ms >= LEAST_MS;
  }

  /** 0 where it has no time of its own. */
  double gflopPerSecond() {
    return ms == 0 ? 0 : flop / ms * 1e-6;
  }

  /** 10^9 bytes per second; 0 where it has no time of its own. */
  double gbPerSecond() {
    return ms == 0 ? 0 : bytes / ms * 1e-6;
  }
}
