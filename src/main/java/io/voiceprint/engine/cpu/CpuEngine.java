package io.voiceprint.engine.cpu;

import io.voiceprint.engine.EngineException;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Function;

/**
 * oneDNN on Linux x86-64, in fp32, or in bf16 where the processor multiplies it. Utterances run one
 * after the other, each in the plan of its length, all threads on each layer: so company cannot
 * change a result, and activations stay in cache.
 *
 * <p>One thread of this engine makes all calls into oneDNN, whoever calls; callers wait their turn.
 */
public final class CpuEngine implements PipelineEngine {
  /** Share of the machine's memory that the activations of one utterance may take. */
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
  private final int threads;
  private final FilterBank filterBank;
  private final ForkJoinPool workers;
  private final OwnerThread owner;
  private final Session session;

  /**
   * Loads oneDNN, unless it is loaded, and lays out the graph.
   *
   * @param precision {@code FP32}, or {@code BF16} if {@link #supports} says so
   * @param threads that share each layer's work; at least 1
   * @throws EngineException if oneDNN is not available, see {@link #unavailableReason}
   * @throws IllegalArgumentException if the precision is not supported
   */
  public CpuEngine(Graph graph, FbankOptions frontEnd, Precision precision, int threads) {
    this(graph, frontEnd, precision, threads, Strips.MAP_BYTES);
  }

  /**
   * @param stripBytes size of the largest map of a strip, see {@link Strips}
   */
  CpuEngine(Graph graph, FbankOptions frontEnd, Precision precision, int threads, long stripBytes) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads=" + threads);
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
    this.threads = threads;
    this.filterBank = new FilterBank(frontEnd);
    this.workers = new ForkJoinPool(threads, Affinity::worker, null, false);
    this.owner = new OwnerThread();
    try {
      this.session = owner.call(() -> new Session(graph, type, threads, workers, stripBytes));
    } catch (RuntimeException | Error e) {
      owner.end();
      workers.shutdown();
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
    return "oneDNN, %d threads".formatted(threads);
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public Pipeline pipeline() {
    return pipeline;
  }

  /** Limited by half of the machine's memory, and by kernels that address 2 GiB in a value. */
  @Override
  public int maxFrames() {
    return Session.maxFrames(pipeline.graph(), MEMORY_SHARE);
  }

  @Override
  public Rows rows() {
    return ROWS;
  }

  @Override
  public Features features(float[] samples) {
    owner.requireOpen();
    return filterBank.features(samples, workers);
  }

  @Override
  public List<float[]> embed(List<float[]> utterances) {
    return embed(utterances, samples -> filterBank.features(samples, workers));
  }

  @Override
  public List<float[]> embedFeatures(List<Features> utterances) {
    return embed(utterances, Function.identity());
  }

  private <U> List<float[]> embed(List<U> utterances, Function<U, Features> features) {
    return owner.call(
        () -> {
          List<float[]> embeddings = new ArrayList<>(utterances.size());
          for (U utterance : utterances) {
            embeddings.add(session.embed(features.apply(utterance)));
          }
          return embeddings;
        });
  }

  @Override
  public float[] activation(Features features, String node) {
    Node found = pipeline.node(node);
    return owner.call(() -> session.activation(features, found));
  }

  @Override
  public long[] nodeNanos(Features features) {
    return owner.call(() -> session.nodeNanos(features));
  }

  /** oneDNN's name of the kernel that computes each layer, for diagnosis. */
  Map<String, String> implementations(int frames) {
    return owner.call(() -> session.implementations(frames));
  }

  @Override
  public synchronized void close() {
    if (!owner.hasEnded()) {
      owner.call(
          () -> {
            session.close();
            return null;
          });
      owner.end();
      workers.shutdown();
    }
  }
}
