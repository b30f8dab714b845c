package io.voiceprint.engine.reference;

import io.voiceprint.engine.Pipeline;
import io.voiceprint.engine.PipelineEngine;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.Rows;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Plain Java on any platform. Utterances run one after the other, each node's work shared by the
 * threads, so company cannot change a result.
 *
 * <p>With a precision other than fp32 it becomes the oracle of low-precision engines: weights, and
 * every activation but the features and the embedding, are rounded to that format, while sums stay
 * float32.
 */
public final class ReferenceEngine implements PipelineEngine {
  /** Share of the heap that the activations of one utterance may take. */
  private static final double HEAP_SHARE = 0.5;

  /** A length, a multiple of every time stride, at which the elements per frame are counted. */
  private static final int SAMPLE_FRAMES = 1 << 12;

  private final Pipeline pipeline;
  private final Precision precision;
  private final FilterBank filterBank;
  private final Network network;
  private final Workers workers;
  private volatile boolean closed;

  /**
   * Prepares the graph's weights.
   *
   * @param threads that share each node's work, the caller's included; at least 1
   */
  public ReferenceEngine(Graph graph, FbankOptions frontEnd, Precision precision, int threads) {
    this(graph, frontEnd, precision, threads, Set.of());
  }

  /**
   * As {@link #ReferenceEngine(Graph, FbankOptions, Precision, int)}, the oracle of an engine that
   * leaves the products of some convolutions to a library, which stores them in that format before
   * bias and residual are added.
   *
   * @param roundedProducts names of these convolutions
   */
  public ReferenceEngine(
      Graph graph,
      FbankOptions frontEnd,
      Precision precision,
      int threads,
      Set<String> roundedProducts) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads=" + threads);
    }
    this.pipeline = new Pipeline(frontEnd, graph);
    this.precision = precision;
    this.filterBank = new FilterBank(frontEnd);
    this.network = new Network(graph, Rounding.of(precision), roundedProducts);
    this.workers = new Workers(threads);
  }

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String description() {
    return "reference (plain Java), %d threads".formatted(workers.threads());
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public Pipeline pipeline() {
    return pipeline;
  }

  /**
   * Limited by the largest array of the JVM, and by how many activations fit in half of its maximum
   * heap.
   */
  @Override
  public int maxFrames() {
    long fit = (long) (HEAP_SHARE * Runtime.getRuntime().maxMemory() / Float.BYTES);
    double livePerFrame = (double) network.peakElements(SAMPLE_FRAMES) / SAMPLE_FRAMES;
    double largestPerFrame = (double) network.largestElements(SAMPLE_FRAMES) / SAMPLE_FRAMES;
    double frames =
        Math.min(fit / livePerFrame, (Integer.MAX_VALUE - SAMPLE_FRAMES) / largestPerFrame);
    return (int) Math.max(minFrames(), frames);
  }

  @Override
  public Rows rows() {
    return Rows.SINGLE;
  }

  @Override
  public Features features(float[] samples) {
    requireOpen();
    return filterBank.features(samples);
  }

  @Override
  public List<float[]> embed(List<float[]> utterances) {
    requireOpen();
    List<float[]> embeddings = new ArrayList<>(utterances.size());
    for (float[] samples : utterances) {
      embeddings.add(network.embed(filterBank.features(samples), workers));
    }
    return embeddings;
  }

  @Override
  public List<float[]> embedFeatures(List<Features> utterances) {
    requireOpen();
    List<float[]> embeddings = new ArrayList<>(utterances.size());
    for (Features features : utterances) {
      embeddings.add(network.embed(features, workers));
    }
    return embeddings;
  }

  @Override
  public float[] activation(Features features, String node) {
    requireOpen();
    Node found = pipeline.node(node);
    return network.activation(features, found.output().id(), workers);
  }

  @Override
  public long[] nodeNanos(Features features) {
    requireOpen();
    return network.nodeNanos(features, workers);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the reference engine is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    workers.close();
  }
}
