package io.voiceprint.engine.cpu;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Pipeline;
import io.voiceprint.engine.PipelineEngine;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.Rows;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * oneDNN on Linux x86-64, in fp32, or in bf16 where the processor multiplies it. Each utterance is
 * computed by one {@link Team} of threads, all of them on each layer, in the plan of its length: so
 * company cannot change a result, and activations stay in cache.
 *
 * <p>One lane of all threads gives the lowest latency. Several smaller ones, each with an utterance
 * of its own, bear more load, since their threads do not wait for each other at every layer; long
 * utterances take two of them, see {@link Teams}.
 */
public final class CpuEngine implements PipelineEngine {
  /** Share of the machine's memory that activations may take. */
  private static final double MEMORY_SHARE = 0.5;

  /** One utterance after the other, each in the length of its bucket. */
  private static final Rows ROWS =
      new Rows() {
        @Override
        public int maxUtterances() {
          return 1;
        }

        @Override
        public int columns(int frames) {
          return Session.bucket(frames);
        }
      };

  private final Pipeline pipeline;
  private final Precision precision;
  private final int threads; // of each lane
  private final Planner planner;
  private final Teams teams;

  /**
   * Loads oneDNN, unless it is loaded, and lays out the graph.
   *
   * @param precision {@code FP32}, or {@code BF16} if {@link #supports} says so
   * @param threads of all lanes together; at least 1
   * @param lanes utterances that are computed at the same time, at most one per thread; each has
   *     {@code threads / lanes} threads, rounded down
   * @throws EngineException if oneDNN is not available, see {@link #unavailableReason}
   * @throws IllegalArgumentException if the precision is not supported
   */
  public CpuEngine(
      Graph graph, FbankOptions frontEnd, Precision precision, int threads, int lanes) {
    this(graph, frontEnd, precision, threads, lanes, Strips.MAP_BYTES);
  }

  /**
   * @param stripBytes size of the largest map of a strip, see {@link Strips}
   */
  CpuEngine(
      Graph graph,
      FbankOptions frontEnd,
      Precision precision,
      int threads,
      int lanes,
      long stripBytes) {
    if (lanes < 1 || threads < lanes) {
      throw new IllegalArgumentException("threads=" + threads + ", lanes=" + lanes);
    }
    Pipeline pipeline = new Pipeline(frontEnd, graph);
    unavailableReason()
        .ifPresent(
            reason -> {
              throw new EngineException(reason);
            });
    DataType type = DataType.of(precision);
    if (!supports(precision)) {
      throw new IllegalArgumentException("this processor does not multiply " + precision);
    }
    this.pipeline = pipeline;
    this.precision = precision;
    this.threads = threads / lanes;
    this.planner = new Planner(graph, type, stripBytes);
    try {
      this.teams = new Teams(planner, new FilterBank(frontEnd), lanes, this.threads);
    } catch (RuntimeException | Error e) {
      planner.close();
      throw e;
    }
  }

  /**
   * Why this engine cannot be used in this process: another platform, or native parts that do not
   * load. Empty if it can. The first call loads oneDNN.
   */
  public static Optional<String> unavailableReason() {
    return OneDnn.unavailableReason();
  }

  /**
   * Whether this engine is available and computes in that precision on this processor: fp32 always,
   * bf16 with AVX512-BF16 or AMX.
   */
  public static boolean supports(Precision precision) {
    return switch (precision) {
      case FP32 -> unavailableReason().isEmpty();
      case BF16 -> unavailableReason().isEmpty() && OneDnn.hasBfloat16();
      case TF32, FP16 -> false;
    };
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    String each = threads == 1 ? "1 thread" : threads + " threads";
    return lanes() == 1 ? "oneDNN, " + each : "oneDNN, %d lanes of %s".formatted(lanes(), each);
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
   * Limited by half of the machine's memory for all teams, and by kernels that address 2 GiB in a
   * value.
   */
  @Override
  public int maxFrames() {
    return Session.maxFrames(pipeline.graph(), MEMORY_SHARE / teams.count());
  }

  @Override
  public int lanes() {
    return teams.lanes();
  }

  @Override
  public Rows rows() {
    return ROWS;
  }

  @Override
  public Features features(float[] samples) {
    return teams.call(frames(samples), false, session -> session.features(samples));
  }

  @Override
  public List<float[]> embed(List<float[]> utterances) {
    return utterances.stream().map(samples -> embed(samples, false)).toList();
  }

  @Override
  public List<float[]> embedAudio(List<PcmAudio> utterances, boolean othersWait) {
    return utterances.stream().map(audio -> embed(audio.samples(), othersWait)).toList();
  }

  private float[] embed(float[] samples, boolean othersWait) {
    return teams.call(
        frames(samples), othersWait, session -> session.embed(session.features(samples)));
  }

  @Override
  public List<float[]> embedFeatures(List<Features> utterances) {
    return utterances.stream()
        .map(each -> teams.call(each.frames(), false, session -> session.embed(each)))
        .toList();
  }

  private int frames(float[] samples) {
    return pipeline.frontEnd().frames(samples.length);
  }

  @Override
  public float[] activation(Features features, String node) {
    Node found = pipeline.node(node);
    return teams.call(features.frames(), false, session -> session.activation(features, found));
  }

  @Override
  public long[] nodeNanos(Features features) {
    return teams.call(features.frames(), false, session -> session.nodeNanos(features));
  }

  /** oneDNN's name of the kernel that computes each layer, for diagnosis. */
  Map<String, String> implementations(int frames) {
    return teams.call(frames, false, session -> session.implementations(frames));
  }

  @Override
  public synchronized void close() {
    teams.close();
    planner.close();
  }
}
