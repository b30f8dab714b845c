package io.voiceprint.engine.cpu;

import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;

/**
 * All native state of one engine. Used by its one thread only: OpenMP would give every other thread
 * a team of its own.
 */
final class Session implements AutoCloseable {
  /**
   * Plans kept; the least recently used goes. Compiled kernels take 5 to 8 MB per plan of the base
   * network.
   */
  private static final int MAX_PLANS = 64;

  private static final int MIN_BUCKET_STEP = 4;

  /** Buckets per doubling of the length: an utterance is lengthened by at most 3 %. */
  private static final int BUCKETS_PER_OCTAVE = 32;

  private final Graph graph;
  private final DataType type;
  private final ForkJoinPool workers;
  private final Owned owned = new Owned();
  private final engine cpu;
  private final stream queue;
  private final Layout layout;
  private final Placement placement;
  private final List<Head> heads;
  private final long stripBytes;
  private final Weights weights;
  private final Arena arena = new Arena();
  private final LinkedHashMap<Integer, Plan> plans = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param stripBytes size of the largest map of a strip, see {@link Strips}
   */
  Session(Graph graph, DataType type, int threads, ForkJoinPool workers, long stripBytes) {
    this.graph = graph;
    this.type = type;
    this.workers = workers;
    OpenMp.useThreads(threads);
    Affinity.settle(threads);
    this.cpu = owned.keep(new engine(org.bytedeco.dnnl.engine.kind.cpu, 0));
    this.queue = owned.keep(new stream(cpu));
    this.layout = Layout.preferred(type);
    this.placement = new Placement(graph, layout);
    this.heads = Head.of(graph, placement, type);
    this.stripBytes = stripBytes;
    this.weights = new Weights(cpu, queue);
  }

  /** The embedding (D). */
  float[] embed(Features features) {
    Plan plan = plan(features.frames());
    run(plan, features, graph.nodes().size() - 1);
    float[] embedding = new float[graph.embeddingSize()];
    Region region = plan.region(graph.output().id());
    arena.read(region.groupOffset(0), region.type(), embedding);
    return embedding;
  }

  /** The value of a node, in C order. */
  float[] activation(Features features, Node node) {
    int id = node.output().id();
    Plan plan = plan(features.frames());
    if (plan.keeps(id)) {
      return activation(plan, features, node);
    }
    int bucket = bucket(features.frames());
    try (Plan inOnePiece = build(bucket, Strips.none(graph.nodes().size(), bucket))) {
      return activation(inOnePiece, features, node);
    }
  }

  private float[] activation(Plan plan, Features features, Node node) {
    int id = node.output().id();
    run(plan, features, id);
    Region region = plan.region(id);
    if (node.output().shape() instanceof FeatureMap map) {
      return Maps.read(arena, region, map, placement.of(node.output()), features.frames());
    }
    float[] vector = new float[node.output().vector().size()];
    arena.read(region.groupOffset(0), region.type(), vector);
    return vector;
  }

  /** Nanoseconds of each node. */
  long[] nodeNanos(Features features) {
    long[] nanos = new long[graph.nodes().size()];
    run(plan(features.frames()), features, nanos.length - 1, nanos);
    return nanos;
  }

  private void run(Plan plan, Features features, int until) {
    run(plan, features, until, null);
  }

  private void run(Plan plan, Features features, int until, long[] nanos) {
    if (arena.require(plan.arenaBytes())) {
      plans.values().forEach(Plan::unbind);
    }
    Step.Run run = new Step.Run(0, features.frames(), arena, queue, workers);
    plan.run(run, features.data(), until, nanos);
  }

  /** oneDNN's kernel of each layer, for an utterance of {@code frames} frames. */
  Map<String, String> implementations(int frames) {
    return plan(frames).implementations();
  }

  private Plan plan(int frames) {
    int bucket = bucket(frames);
    Plan plan = plans.get(bucket);
    if (plan == null) {
      plan = build(bucket, Strips.choose(heads, graph.nodes().size(), bucket, stripBytes));
      plans.put(bucket, plan);
      if (plans.size() > MAX_PLANS) {
        var oldest = plans.entrySet().iterator();
        oldest.next().getValue().close();
        oldest.remove();
      }
    }
    return plan;
  }

  private Plan build(int frames, Strips strips) {
    try {
      return new PlanBuilder(graph, placement, layout, type, frames, strips, cpu, weights).build();
    } finally {
      weights.endReading();
    }
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
