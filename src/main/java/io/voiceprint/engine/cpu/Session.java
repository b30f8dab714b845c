package io.voiceprint.engine.cpu;

import io.voiceprint.engine.cpu.Primitives.Window;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory.desc;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * All native state of one engine. Used by its one thread only: OpenMP would give every other thread
 * a team of its own.
 */
@SuppressWarnings("try") // A PointerScope frees what is made while it is open; nobody calls it.
final class Session implements AutoCloseable {
  /** Plans kept; the least recently used goes. */
  private static final int MAX_PLANS = 256;

  private static final int MIN_BUCKET_STEP = 4;

  /** Buckets per doubling of the length: an utterance is lengthened by less than 1.6 %. */
  private static final int BUCKETS_PER_OCTAVE = 64;

  private final Graph graph;
  private final DataType type;
  private final ForkJoinPool workers;
  private final Owned owned = new Owned();
  private final engine cpu;
  private final stream queue;
  private final Layout layout;
  private final Placement placement;
  private final Weights weights;
  private final Arena arena = new Arena();
  private final LinkedHashMap<Integer, Plan> plans = new LinkedHashMap<>(16, 0.75f, true);

  Session(Graph graph, DataType type, int threads, ForkJoinPool workers) {
    this.graph = graph;
    this.type = type;
    this.workers = workers;
    OpenMp.useThreads(threads);
    this.cpu = owned.keep(new engine(org.bytedeco.dnnl.engine.kind.cpu, 0));
    this.queue = owned.keep(new stream(cpu));
    this.layout = preferredLayout(cpu, type);
    this.placement = new Placement(graph, layout);
    this.weights = new Weights(cpu, queue);
  }

  /** The layout that oneDNN chooses for a typical layer on this processor. */
  private static Layout preferredLayout(engine cpu, DataType type) {
    try (PointerScope scope = new PointerScope()) {
      long[] dims = {1, 64, 32, 32};
      desc any = new desc(dims, type.dnnl(), format_tag.any);
      desc weight = new desc(new long[] {64, 64, 3, 3}, type.dnnl(), format_tag.any);
      Window window = Window.same(3, 3, 1);
      long[] stride = {window.stride(), window.stride()};
      long[] pad = {window.padT(), window.padF()};
      desc chosen =
          new convolution_forward.primitive_desc(
                  cpu,
                  prop_kind.forward_inference,
                  algorithm.convolution_direct,
                  any,
                  weight,
                  any,
                  stride,
                  pad,
                  pad)
              .src_desc();
      for (Layout layout : Layout.values()) {
        if (chosen.equals(new desc(dims, type.dnnl(), layout.tag()))) {
          return layout;
        }
      }
      return Layout.CHANNELS_LAST;
    }
  }

  Layout layout() {
    return layout;
  }

  /** The embedding (D). */
  float[] embed(Features features) {
    Plan plan = run(features, graph.nodes().size() - 1);
    float[] embedding = new float[graph.embeddingSize()];
    Region region = plan.region(graph.output().id());
    arena.read(region.groupOffset(0), region.type(), embedding);
    return embedding;
  }

  /** The value of a node, in C order. */
  float[] activation(Features features, Node node) {
    int id = node.output().id();
    Region region = run(features, id).region(id);
    if (node.output().shape() instanceof FeatureMap map) {
      return Maps.read(arena, region, map, placement.of(node.output()), features.frames());
    }
    float[] vector = new float[node.output().vector().size()];
    arena.read(region.groupOffset(0), region.type(), vector);
    return vector;
  }

  private Plan run(Features features, int until) {
    Plan plan = plan(features.frames());
    if (arena.require(plan.arenaBytes())) {
      plans.values().forEach(Plan::unbind);
    }
    plan.run(new Step.Run(features.frames(), arena, queue, workers), features.data(), until);
    return plan;
  }

  /** oneDNN's kernel of each layer, for an utterance of {@code frames} frames. */
  Map<String, String> implementations(int frames) {
    return plan(frames).implementations();
  }

  private Plan plan(int frames) {
    int bucket = bucket(frames);
    Plan plan = plans.get(bucket);
    if (plan == null) {
      plan = new PlanBuilder(graph, placement, layout, type, bucket, cpu, weights).build();
      plans.put(bucket, plan);
      if (plans.size() > MAX_PLANS) {
        var oldest = plans.entrySet().iterator();
        oldest.next().getValue().close();
        oldest.remove();
      }
    }
    return plan;
  }

  /** The length whose plan serves utterances of {@code frames} frames. */
  static int bucket(int frames) {
    int step = Math.max(MIN_BUCKET_STEP, Integer.highestOneBit(frames) / BUCKETS_PER_OCTAVE);
    return (frames + step - 1) / step * step;
  }

  /**
   * Most frames whose activations fit in a share of the machine's memory, and whose largest value
   * stays within the offsets that compiled kernels use.
   */
  static int maxFrames(Graph graph, double share) {
    int sample = 1 << 12;
    long largest = 1;
    for (Node node : graph.nodes()) {
      largest = Math.max(largest, node.output().shape().elements(sample));
    }
    double largestPerFrame = (double) largest * Float.BYTES / sample;
    // Three values of that size at once: a layer's input, its output, and a residual.
    double fitting = share * Pointer.totalPhysicalBytes() / (3 * largestPerFrame);
    return (int) Math.min(fitting, Integer.MAX_VALUE / largestPerFrame);
  }

  @Override
  public void close() {
    plans.values().forEach(Plan::close);
    plans.clear();
    weights.close();
    arena.close();
    owned.close();
  }
}
