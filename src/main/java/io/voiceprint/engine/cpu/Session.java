package io.voiceprint.engine.cpu;

import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;

/**
 * What one team needs to compute utterances. Used by the team's own thread only: OpenMP would give
 * every other thread a team of its own.
 */
final class Session implements AutoCloseable {
  /**
   * Plans kept; the least recently used goes. Compiled kernels take 4 MB per plan of the base
   * network.
   */
  private static final int MAX_PLANS = 64;

  private static final int MIN_BUCKET_STEP = 4;

  /**
   * Buckets per doubling of the length: an utterance is lengthened by at most 6 %, and those of 1
   * to 10 seconds need fewer plans than are kept. To make a plan takes longer than to run it.
   */
  private static final int BUCKETS_PER_OCTAVE = 16;

  private final Planner planner;
  private final Graph graph;
  private final FilterBank filterBank;
  private final Workers workers;
  private final stream queue;
  private final Arena arena = new Arena();
  private final LinkedHashMap<Integer, Plan> plans = new LinkedHashMap<>(16, 0.75f, true);

  Session(Planner planner, FilterBank filterBank, int threads, Workers workers) {
    this.planner = planner;
    this.graph = planner.graph();
    this.filterBank = filterBank;
    this.workers = workers;
    OpenMp.useThreads(threads);
    Affinity.settle(threads);
    this.queue = planner.newStream();
  }

  Features features(float[] samples) {
    return filterBank.features(samples, workers);
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
    try (Plan inOnePiece = planner.planInOnePiece(bucket)) {
      return activation(inOnePiece, features, node);
    }
  }

  private float[] activation(Plan plan, Features features, Node node) {
    int id = node.output().id();
    run(plan, features, id);
    Region region = plan.region(id);
    if (node.output().shape() instanceof FeatureMap map) {
      return Maps.read(
          arena, region, map, planner.placement().of(node.output()), features.frames());
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
      plan = planner.plan(bucket);
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
    arena.close();
    queue.deallocate();
  }
}
