package io.voiceprint.engine.cpu;

import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which values share memory, for any length. With channel blocks outermost a slice is part of its
 * source, and what is concatenated is computed right where the concatenation expects it. A
 * convolution with a residual that nobody reads afterwards is computed on top of it.
 */
final class Placement {
  /**
   * Where a value lies.
   *
   * @param root id of the value that owns the memory
   * @param channelOffset first physical channel within the root
   */
  record Spot(int root, int channelOffset) {}

  private final Graph graph;
  private final Layout layout;
  private final Channels[] channels; // per value; null for vectors
  private final Spot[] spots;
  private final List<List<Integer>> readers = new ArrayList<>();

  Placement(Graph graph, Layout layout) {
    this.graph = graph;
    this.layout = layout;
    int count = graph.nodes().size();
    this.channels = new Channels[count];
    this.spots = new Spot[count];
    List<SortedSet<Integer>> cuts = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      readers.add(new ArrayList<>());
      cuts.add(new TreeSet<>());
    }
    for (Node node : graph.nodes()) {
      for (Value input : node.inputs()) {
        readers.get(input.id()).add(node.output().id());
      }
      if (node instanceof Node.ChannelSlice slice) {
        SortedSet<Integer> cut = cuts.get(slice.input().id());
        cut.add(slice.from());
        cut.add(slice.from() + slice.output().map().channels());
      }
    }
    passCutsOn(cuts);
    for (Node node : graph.nodes()) {
      int id = node.output().id();
      if (node.output().shape() instanceof FeatureMap) {
        channels[id] = channels(node, cuts.get(id));
        spots[id] = new Spot(id, 0);
      }
    }
    if (layout.hasChannelViews()) {
      placeInConcatenations();
      placeSlices();
    }
    placeOnResiduals();
  }

  /** What keeps the channels of its input as they lie needs them cut as its own output is. */
  private void passCutsOn(List<SortedSet<Integer>> cuts) {
    for (int id = cuts.size() - 1; id > 0; id--) {
      Node node = graph.nodes().get(id);
      if (node instanceof Node.ChannelAffine || node instanceof Node.ContextGate) {
        cuts.get(node.inputs().get(0).id()).addAll(cuts.get(id));
      }
    }
  }

  private Channels channels(Node node, SortedSet<Integer> cuts) {
    if (node instanceof Node.Input) {
      return Channels.single();
    }
    if (node instanceof Node.ChannelSlice slice) {
      return of(slice.input()).slice(slice.from(), slice.output().map().channels(), layout.block());
    }
    if (node instanceof Node.Concat concat) {
      Channels joined = of(concat.inputs().get(0));
      for (Value input : concat.inputs().subList(1, concat.inputs().size())) {
        joined = joined.then(of(input));
      }
      return joined;
    }
    if (node instanceof Node.Conv2d conv) {
      Channels own = Channels.of(conv.outChannels(), cuts, layout.block());
      return conv.residual() == null ? own : same(node, own, of(conv.residual()));
    }
    if (node instanceof Node.Flatten flatten) {
      return Channels.of(flatten.output().map().channels(), cuts, layout.block());
    }
    Channels first = of(node.inputs().get(0));
    if (node instanceof Node.ChannelAffine
        || node instanceof Node.ContextGate
        || node instanceof Node.Add) {
      return first;
    }
    return same(node, first, of(node.inputs().get(1)));
  }

  private static Channels same(Node node, Channels a, Channels b) {
    if (!a.sameAs(b)) {
      throw new IllegalArgumentException(
          "%s: the CPU engine pads the channels of its operands differently: %d and %d for %d"
              .formatted(node.name(), a.physical(), b.physical(), a.count()));
    }
    return a;
  }

  /** The last first, so that what is concatenated twice lies in the outer one from the start. */
  private void placeInConcatenations() {
    for (int id = graph.nodes().size() - 1; id > 0; id--) {
      if (graph.nodes().get(id) instanceof Node.Concat concat) {
        int offset = spots[id].channelOffset();
        for (Value input : concat.inputs()) {
          boolean placeable =
              isComputed(input.id()) || graph.nodes().get(input.id()) instanceof Node.Concat;
          if (placeable && spots[input.id()].root() == input.id()) {
            spots[input.id()] = new Spot(spots[id].root(), offset);
          }
          offset += of(input).physical();
        }
      }
    }
  }

  private boolean isComputed(int id) {
    Node node = graph.nodes().get(id);
    return node instanceof Node.Conv2d
        || node instanceof Node.Add
        || node instanceof Node.ChannelAffine
        || node instanceof Node.Flatten
        || node instanceof Node.ContextGate
        || node instanceof Node.AttentionalFusion;
  }

  private void placeSlices() {
    for (Node node : graph.nodes()) {
      if (node instanceof Node.ChannelSlice slice) {
        Spot source = spots[slice.input().id()];
        int begin = of(slice.input()).position()[slice.from()];
        spots[slice.output().id()] = new Spot(source.root(), source.channelOffset() + begin);
      }
    }
  }

  private void placeOnResiduals() {
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Conv2d conv && conv.residual() != null) {
        int id = conv.output().id();
        Spot residual = spots[conv.residual().id()];
        if (isComputed(conv.residual().id())
            && isComputed(residual.root())
            && spots[id].root() == id
            && spots[conv.input().id()].root() != residual.root()
            && lastRead(residual.root()) == id) {
          spots[id] = residual;
        }
      }
    }
  }

  /** Physical channels of a feature map. */
  Channels of(Value value) {
    return channels[value.id()];
  }

  /** Where a feature map lies. */
  Spot spot(Value value) {
    return spots[value.id()];
  }

  /** Whether a value lies within another one, {@code offset} physical channels behind its first. */
  boolean lies(Value part, Value whole, int offset) {
    return spot(part).root() == spot(whole).root()
        && spot(part).channelOffset() == spot(whole).channelOffset() + offset;
  }

  boolean sharesMemory(Value a, Value b) {
    return spot(a).equals(spot(b));
  }

  /**
   * Whether no memory is shared between the values up to a node and those behind it, and the
   * features are read by none behind it.
   */
  boolean separates(int node) {
    for (int id = 0; id < spots.length; id++) {
      if (spots[id] != null && (id <= node) != (spots[id].root() <= node)) {
        return false;
      }
    }
    return lastRead(graph.input().id()) <= node;
  }

  /** First node that writes into the memory of {@code root}. */
  int firstWritten(int root) {
    for (int id = 0; id < root; id++) {
      if (spots[id] != null && spots[id].root() == root) {
        return id;
      }
    }
    return root;
  }

  /** Last node that reads from or writes into the memory of {@code root}. */
  int lastRead(int root) {
    int last = root;
    for (int id = 0; id < spots.length; id++) {
      if (id == root || (spots[id] != null && spots[id].root() == root)) {
        last = Math.max(last, lastReader(id));
      }
    }
    return last;
  }

  /** Last node that reads a value, or the one that computes it if none does. */
  int lastReader(int id) {
    int last = id;
    for (int reader : readers.get(id)) {
      last = Math.max(last, reader);
    }
    return last;
  }

  /** Rows behind an utterance that some convolution reads of this value: its kernel's radius. */
  int tailRows(Value value) {
    int rows = 0;
    for (int reader : readers.get(value.id())) {
      Node node = graph.nodes().get(reader);
      if (node instanceof Node.Conv2d conv
          && conv.input().equals(value)
          && conv.geometry().padding() == ConvGeometry.Padding.ZERO) {
        rows = Math.max(rows, conv.radiusT());
      } else if (node instanceof Node.ChannelSlice || node instanceof Node.Concat) {
        rows = Math.max(rows, tailRows(node.output()));
      }
    }
    return rows;
  }
}
