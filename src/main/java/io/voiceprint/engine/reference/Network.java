package io.voiceprint.engine.reference;

import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A graph with its weights prepared: runs one utterance at a time, node by node. Immutable, so any
 * thread may run it.
 */
final class Network {
  /** One node: reads its inputs from the values computed so far and returns its own. */
  private interface Step {
    Activations run(Activations[] values, int frames, Workers workers);
  }

  private final Graph graph;
  private final Rounding rounding;
  private final Set<String> roundedProducts;
  private final List<Step> steps = new ArrayList<>();
  private final List<List<Integer>> lastReadBy; // per node, the values that nothing behind it reads

  /**
   * @param roundedProducts names of the convolutions whose products are rounded on their own
   */
  Network(Graph graph, Rounding rounding, Set<String> roundedProducts) {
    this.graph = graph;
    this.rounding = rounding;
    this.roundedProducts = Set.copyOf(roundedProducts);
    this.lastReadBy = lastReads(graph);
    for (Node node : graph.nodes()) {
      steps.add(prepare(node));
    }
  }

  private static List<List<Integer>> lastReads(Graph graph) {
    int count = graph.nodes().size();
    int[] lastReader = new int[count];
    List<List<Integer>> lastReadBy = new ArrayList<>();
    for (int id = count - 1; id >= 0; id--) {
      Node node = graph.nodes().get(id);
      // Whoever reads a view reads its source.
      int reader = isView(node) ? Math.max(id, lastReader[id]) : id;
      for (Value input : node.inputs()) {
        lastReader[input.id()] = Math.max(lastReader[input.id()], reader);
      }
      lastReadBy.add(new ArrayList<>());
    }
    for (int id = 0; id < count - 1; id++) {
      lastReadBy.get(lastReader[id]).add(id);
    }
    return lastReadBy;
  }

  /** The embedding (D). */
  float[] embed(Features features, Workers workers) {
    return values(features, graph.output().id(), workers, null).data();
  }

  /** The value of node {@code id}, in C order. */
  float[] activation(Features features, int id, Workers workers) {
    Activations value = values(features, id, workers, null);
    float[] copy = new float[value.elements()];
    System.arraycopy(value.data(), value.offset(), copy, 0, copy.length);
    return copy;
  }

  /** Nanoseconds of each node. */
  long[] nodeNanos(Features features, Workers workers) {
    long[] nanos = new long[steps.size()];
    Activations unused = values(features, steps.size() - 1, workers, nanos);
    return nanos;
  }

  /** Elements of the largest single value for an utterance of {@code frames} frames. */
  long largestElements(int frames) {
    return graph.nodes().stream()
        .mapToLong(node -> node.output().shape().elements(frames))
        .max()
        .orElse(0);
  }

  /** Most elements that are live at once; views hold their source instead. */
  long peakElements(int frames) {
    long live = 0;
    long peak = 0;
    for (Node node : graph.nodes()) {
      live += owned(node, frames);
      peak = Math.max(peak, live);
      for (int dead : lastReadBy.get(node.output().id())) {
        live -= owned(graph.nodes().get(dead), frames);
      }
    }
    return peak;
  }

  private static boolean isView(Node node) {
    return node instanceof Node.ChannelSlice || node instanceof Node.Flatten;
  }

  private static long owned(Node node, int frames) {
    return isView(node) ? 0 : node.output().shape().elements(frames);
  }

  /**
   * @param nanos gets the time of each node; {@code null} for none
   */
  private Activations values(Features features, int until, Workers workers, long[] nanos) {
    Activations[] values = new Activations[steps.size()];
    long begin = nanos == null ? 0 : System.nanoTime();
    values[0] = input(features);
    if (nanos != null) {
      nanos[0] = System.nanoTime() - begin;
    }
    for (int id = 1; id <= until; id++) {
      begin = nanos == null ? 0 : System.nanoTime();
      values[id] = steps.get(id).run(values, features.frames(), workers);
      if (nanos != null) {
        nanos[id] = System.nanoTime() - begin;
      }
      for (int dead : lastReadBy.get(id)) {
        values[dead] = null;
      }
    }
    return values[until];
  }

  /** Features come as (T, F), networks read (1, F, T). */
  private Activations input(Features features) {
    Activations map = Activations.map(graph.input().map(), features.frames());
    for (int t = 0; t < features.frames(); t++) {
      for (int f = 0; f < features.bins(); f++) {
        map.data()[f * features.frames() + t] = features.data()[t * features.bins() + f];
      }
    }
    return map;
  }

  private Step prepare(Node node) {
    if (node instanceof Node.Input) {
      return (values, frames, workers) -> values[0];
    }
    if (node instanceof Node.Conv2d conv) {
      Convolution convolution =
          new Convolution(conv, rounding, roundedProducts.contains(conv.name()));
      return (values, frames, workers) -> {
        Activations out = Activations.map(conv.output().map(), frames);
        Activations residual = conv.residual() == null ? null : values[conv.residual().id()];
        convolution.run(values[conv.input().id()], residual, out, workers);
        return out;
      };
    }
    if (node instanceof Node.ChannelSlice slice) {
      int count = slice.output().map().channels();
      return (values, frames, workers) -> values[slice.input().id()].slice(slice.from(), count);
    }
    if (node instanceof Node.Flatten flatten) {
      return (values, frames, workers) -> values[flatten.input().id()].flattened();
    }
    if (node instanceof Node.ChannelAffine affine) {
      return (values, frames, workers) -> {
        Activations out = Activations.map(affine.output().map(), frames);
        ChannelAffine.run(affine, values[affine.input().id()], out);
        return rounded(out);
      };
    }
    if (node instanceof Node.ContextGate contextGate) {
      ContextGate gate = new ContextGate(contextGate, rounding);
      return (values, frames, workers) -> {
        Activations out = Activations.map(contextGate.output().map(), frames);
        Activations context = values[contextGate.context().id()];
        gate.run(values[contextGate.input().id()], context, out, workers);
        return out;
      };
    }
    if (node instanceof Node.Concat concat) {
      return (values, frames, workers) -> concat(concat, values, frames);
    }
    if (node instanceof Node.Add add) {
      return (values, frames, workers) ->
          add(values[add.a().id()], values[add.b().id()], add.output().map(), frames);
    }
    if (node instanceof Node.AttentionalFusion fuse) {
      Fusion fusion = new Fusion(fuse, rounding);
      return (values, frames, workers) -> {
        Activations out = Activations.map(fuse.output().map(), frames);
        fusion.run(values[fuse.x().id()], values[fuse.y().id()], out, workers);
        return out;
      };
    }
    return prepareVector(node);
  }

  private Step prepareVector(Node node) {
    if (node instanceof Node.StatisticsPooling pooling) {
      return (values, frames, workers) -> {
        Activations out = Activations.vector(pooling.output().vector().size());
        StatisticsPooling.run(pooling, values[pooling.input().id()], out);
        return rounded(out);
      };
    }
    if (node instanceof Node.AttentivePooling attentive) {
      AttentivePooling pooling = new AttentivePooling(attentive, rounding);
      return (values, frames, workers) -> {
        Activations out = Activations.vector(attentive.output().vector().size());
        pooling.run(values[attentive.input().id()], out, workers);
        return rounded(out);
      };
    }
    if (node instanceof Node.ContextAttentivePooling attentive) {
      ContextAttentivePooling pooling = new ContextAttentivePooling(attentive, rounding);
      return (values, frames, workers) -> {
        Activations out = Activations.vector(attentive.output().vector().size());
        pooling.run(values[attentive.input().id()], out, workers);
        return rounded(out);
      };
    }
    if (node instanceof Node.Linear linear) {
      FullyConnected layer = new FullyConnected(linear, rounding);
      boolean embedding = linear.output().equals(graph.output());
      return (values, frames, workers) -> {
        Activations out = Activations.vector(linear.output().vector().size());
        layer.run(values[linear.input().id()], out);
        return embedding ? out : rounded(out);
      };
    }
    throw new AssertionError(node);
  }

  private static Activations concat(Node.Concat node, Activations[] values, int frames) {
    Activations out = Activations.map(node.output().map(), frames);
    int at = 0;
    for (Value input : node.inputs()) {
      Activations part = values[input.id()];
      System.arraycopy(part.data(), part.offset(), out.data(), at, part.elements());
      at += part.elements();
    }
    return out;
  }

  private Activations add(Activations a, Activations b, FeatureMap shape, int frames) {
    Activations out = Activations.map(shape, frames);
    for (int i = 0; i < out.elements(); i++) {
      out.data()[i] = a.data()[a.offset() + i] + b.data()[b.offset() + i];
    }
    return rounded(out);
  }

  private Activations rounded(Activations value) {
    rounding.round(value.data(), value.offset(), value.elements());
    return value;
  }
}
