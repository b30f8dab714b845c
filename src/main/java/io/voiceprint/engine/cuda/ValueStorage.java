package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Value;
import java.util.Arrays;
import java.util.List;

/**
 * Decides which buffer each value of a graph lies in. A slice is a view of its input. A value that
 * is concatenated lies in the concatenation's buffer from the start if whatever computes it can
 * write there, so that concatenating costs nothing.
 */
final class ValueStorage {
  private final Graph graph;
  private final List<ChannelLayout> layouts;
  private final Home[] homes;
  private final Buffer[] buffers;

  /**
   * Where a value lies.
   *
   * @param buffer id of the value that owns the buffer
   * @param channel first channel within it
   */
  record Home(int buffer, int channel) {}

  /**
   * A buffer and the steps (positions of nodes) between which it is used.
   *
   * @param value the value that owns it
   * @param width channels from pixel to pixel, or elements of a vector
   */
  record Buffer(Value value, int width, int first, int last) {
    long bytes(RowSize row, MathMode mode) {
      if (value.shape() instanceof FeatureMap map) {
        // The features, the only value without channels of its own, are float32 and time-major.
        long elementBytes = value.id() == 0 ? Float.BYTES : mode.elementBytes();
        return elementBytes * width * map.frequency() * row.columns(map.timeStride());
      }
      return (long) Float.BYTES * width * row.clips();
    }
  }

  ValueStorage(Graph graph, List<ChannelLayout> layouts) {
    this.graph = graph;
    this.layouts = layouts;
    this.homes = new Home[graph.nodes().size()];
    this.buffers = new Buffer[graph.nodes().size()];
    Home[] hosts = hosts();
    for (Node node : graph.nodes()) {
      homes[node.output().id()] = home(node, hosts);
    }
    measureLives();
  }

  /** For each value its place in a concatenation, if it may lie there; else {@code null}. */
  private Home[] hosts() {
    Home[] hosts = new Home[homes.length];
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Concat concat) {
        ChannelLayout whole = layouts.get(concat.output().id());
        int from = 0;
        for (Value part : concat.inputs()) {
          if (hosts[part.id()] == null && writesAnywhere(graph.nodes().get(part.id()))) {
            hosts[part.id()] = new Home(concat.output().id(), whole.at(from));
          }
          from += part.map().channels();
        }
      }
    }
    return hosts;
  }

  private static boolean writesAnywhere(Node producer) {
    return producer instanceof Node.Conv2d
        || producer instanceof Node.Add
        || producer instanceof Node.AttentionalFusion
        || producer instanceof Node.ChannelAffine
        || producer instanceof Node.ContextGate
        || producer instanceof Node.Flatten
        || producer instanceof Node.Concat;
  }

  private Home home(Node node, Home[] hosts) {
    if (node instanceof Node.ChannelSlice slice) {
      Home whole = homes[slice.input().id()];
      return new Home(
          whole.buffer(), whole.channel() + layouts.get(slice.input().id()).at(slice.from()));
    }
    int buffer = node.output().id();
    int channel = 0;
    while (hosts[buffer] != null) {
      channel += hosts[buffer].channel();
      buffer = hosts[buffer].buffer();
    }
    return new Home(buffer, channel);
  }

  private void measureLives() {
    int end = graph.nodes().size();
    int[] first = new int[end];
    int[] last = new int[end];
    Arrays.fill(first, end);
    for (Node node : graph.nodes()) {
      int step = node.output().id();
      int own = homes[step].buffer();
      first[own] = Math.min(first[own], step);
      last[own] = Math.max(last[own], step);
      for (Value input : node.inputs()) {
        int read = homes[input.id()].buffer();
        last[read] = Math.max(last[read], step);
      }
    }
    last[homes[graph.output().id()].buffer()] = end;
    for (int id = 0; id < end; id++) {
      if (homes[id].buffer() == id) {
        Value value = graph.nodes().get(id).output();
        int width =
            id == 0
                ? 1
                : value.shape() instanceof FeatureMap
                    ? layouts.get(id).width()
                    : value.vector().size();
        buffers[id] = new Buffer(value, width, first[id], last[id]);
      }
    }
  }

  /** Whether a concatenation's input already lies in its place. */
  boolean isInPlace(Node.Concat concat, Value part, int from) {
    Home whole = homes[concat.output().id()];
    int channel = whole.channel() + layouts.get(concat.output().id()).at(from);
    return homes[part.id()].equals(new Home(whole.buffer(), channel));
  }

  Home home(Value value) {
    return homes[value.id()];
  }

  ChannelLayout layout(Value value) {
    return layouts.get(value.id());
  }

  /** The buffer that a value owns, or {@code null} if it lies in another's. */
  Buffer buffer(int id) {
    return buffers[id];
  }

  /** The buffer a value lies in. */
  Buffer bufferOf(Value value) {
    return buffers[homes[value.id()].buffer()];
  }
}
