package io.voiceprint.engine.cpu;

import io.voiceprint.graph.ConvGeometry.Padding;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * The first nodes of a graph, if they can run on one piece of the utterance after the other: each
 * row of their values depends on a few rows of the features, and no memory is shared with a value
 * behind them.
 *
 * @param lastNode the last of them
 * @param halo frames at the end of a piece whose values are wrong for want of what follows, or are
 *     handed on to the next piece
 * @param timeStride the largest of their values' time strides
 * @param frameBytes bytes per frame of the largest of their values
 * @param addedFrameBytes the same, of those values only that the next shorter head lacks
 */
record Head(int lastNode, int halo, int timeStride, double frameBytes, double addedFrameBytes) {

  /** All heads of a graph, the shortest first. */
  static List<Head> of(Graph graph, Placement placement, DataType type) {
    List<Head> heads = new ArrayList<>();
    int[] lost = new int[graph.nodes().size()]; // frames at the end of a piece that are wrong
    int halo = 0;
    int timeStride = 1;
    double frameBytes = 0;
    double added = 0;
    for (Node node : graph.nodes()) {
      if (!isLocalInTime(node)) {
        break;
      }
      Value value = node.output();
      for (Value input : node.inputs()) {
        lost[value.id()] = Math.max(lost[value.id()], lost[input.id()]);
      }
      FeatureMap map = value.map();
      if (node instanceof Node.Conv2d conv && conv.kernelT() > 1) {
        lost[value.id()] += conv.radiusT() * conv.input().map().timeStride();
        halo = Math.max(halo, lost[value.id()] + rowsBefore(conv) * map.timeStride());
      }
      timeStride = Math.max(timeStride, map.timeStride());
      double channelBytes = (double) map.frequency() * type.bytes() / map.timeStride();
      added = Math.max(added, placement.of(value).physical() * channelBytes);
      frameBytes = Math.max(frameBytes, added);
      if (placement.separates(value.id())) {
        heads.add(new Head(value.id(), halo, timeStride, frameBytes, added));
        added = 0;
      }
    }
    return heads;
  }

  /** What is not known to be local in time ends the head. */
  private static boolean isLocalInTime(Node node) {
    return node instanceof Node.Input
        || (node instanceof Node.Conv2d conv && conv.geometry().padding() == Padding.ZERO)
        || node instanceof Node.ChannelSlice
        || node instanceof Node.Concat
        || node instanceof Node.Add
        || node instanceof Node.AttentionalFusion;
  }

  /** First rows of a convolution's output that read rows before the first of its input. */
  static int rowsBefore(Node.Conv2d conv) {
    int stride = conv.output().map().timeStride() / conv.input().map().timeStride();
    return (conv.radiusT() + stride - 1) / stride;
  }
}
