package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Decides the {@link ChannelLayout} of every feature map of a graph. Slices and concatenations say
 * where a value is cut; values that are combined element by element share their cuts, and so do a
 * value and its views. Convolutions end the spreading: their weights take any layout.
 */
final class ChannelLayouts {
  private final List<BitSet> cuts = new ArrayList<>();
  private boolean changed;

  private ChannelLayouts(Graph graph) {
    for (int i = 0; i < graph.nodes().size(); i++) {
      cuts.add(new BitSet());
    }
  }

  /** The layout of each value by id; {@code null} for vectors. */
  static List<ChannelLayout> of(Graph graph) {
    ChannelLayouts layouts = new ChannelLayouts(graph);
    do {
      layouts.changed = false;
      graph.nodes().forEach(layouts::constrain);
    } while (layouts.changed);
    List<ChannelLayout> result = new ArrayList<>();
    for (Node node : graph.nodes()) {
      result.add(
          node.output().shape() instanceof FeatureMap map
              ? ChannelLayout.of(map.channels(), layouts.cuts.get(node.output().id()))
              : null);
    }
    return result;
  }

  private void constrain(Node node) {
    if (node instanceof Node.Conv2d conv && conv.residual() != null) {
      share(conv.output(), 0, conv.residual());
    } else if (node instanceof Node.Add add) {
      share(add.output(), 0, add.a());
      share(add.output(), 0, add.b());
    } else if (node instanceof Node.AttentionalFusion fusion) {
      share(fusion.output(), 0, fusion.x());
      share(fusion.output(), 0, fusion.y());
    } else if (node instanceof Node.ChannelAffine affine) {
      share(affine.output(), 0, affine.input());
    } else if (node instanceof Node.ContextGate gate) {
      share(gate.output(), 0, gate.input());
    } else if (node instanceof Node.ChannelSlice slice) {
      share(slice.input(), slice.from(), slice.output());
    } else if (node instanceof Node.Concat concat) {
      int from = 0;
      for (Value part : concat.inputs()) {
        share(concat.output(), from, part);
        from += part.map().channels();
      }
    }
  }

  /** Channels {@code from} on of {@code whole} lie as those of {@code part}, and are cut out. */
  private void share(Value whole, int from, Value part) {
    BitSet ofWhole = cuts.get(whole.id());
    BitSet ofPart = cuts.get(part.id());
    int end = from + part.map().channels();
    cut(ofWhole, from);
    cut(ofWhole, end);
    for (int c = ofPart.nextSetBit(0); c >= 0; c = ofPart.nextSetBit(c + 1)) {
      cut(ofWhole, from + c);
    }
    for (int c = ofWhole.nextSetBit(from); c >= 0 && c <= end; c = ofWhole.nextSetBit(c + 1)) {
      cut(ofPart, c - from);
    }
  }

  private void cut(BitSet channels, int at) {
    if (!channels.get(at)) {
      channels.set(at);
      changed = true;
    }
  }
}
