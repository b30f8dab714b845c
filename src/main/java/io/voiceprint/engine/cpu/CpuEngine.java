package io.voiceprint.engine.cpu;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/**
 * oneDNN on Linux x86-64, in fp32, or in bf16 where the processor multiplies it. Utterances run one
 * after the other, each in the plan of its length, all threads on each layer: so company cannot
 * change a result, and activations stay in cache.
 *
 * <p>One thread of this engine makes all calls into oneDNN, whoever calls; callers wait their turn.
 */
public final class CpuEngine implements Engine {
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

  private final FbankOptions frontEnd;
  private final Graph graph;
  private final Precision precision;
  private final int threads;
  private final FilterBank filterBank;
  private final ForkJoinPool workers;
  private final ExecutorService owner;
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
    if (threads < 1) {
      throw new IllegalArgumentException("threads=" + threads);
    }
    if (frontEnd.melBins() != graph.melBins()) {
      throw new IllegalArgumentException(
          "front end melBins=%d but graph melBins=%d"
              .formatted(frontEnd.melBins(), graph.melBins()));
    }
    unavailableReason()
        .ifPresent(
            reason -> {
              throw new EngineException(reason);
            });
    DataType type = DataType.of(precision);
    if (!supports(precision)) {
      throw new IllegalArgumentException("this processor does not multiply " + precision);
    }
    this.frontEnd = frontEnd;
    this.graph = graph;
    this.precision = precision;
    this.threads = threads;
    this.filterBank = new FilterBank(frontEnd);
    this.workers = new ForkJoinPool(threads);
    this.owner =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "voiceprint-onednn");
              thread.setDaemon(true);
              return thread;
            });
    try {
      this.session = onOwner(() -> new Session(graph, type, threads, workers));
    } catch (RuntimeException | Error e) {
      owner.shutdown();
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
  public String description() {
    return "oneDNN, %d threads".formatted(threads);
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public FbankOptions frontEnd() {
    return frontEnd;
  }

  @Override
  public int embeddingSize() {
    return graph.embeddingSize();
  }

  @Override
  public int minFrames() {
    return graph.minFrames();
  }

  /** Limited by half of the machine's memory, and by kernels that address 2 GiB in a value. */
  @Override
  public int maxFrames() {
    return Session.maxFrames(graph, MEMORY_SHARE);
  }

  @Override
  public Rows rows() {
    return ROWS;
  }

  @Override
  public Features features(float[] samples) {
    requireOpen();
    return filterBank.features(samples, workers);
  }

  @Override
  public List<float[]> embed(List<float[]> utterances) {
    return onOwner(
        () -> {
          List<float[]> embeddings = new ArrayList<>(utterances.size());
          for (float[] samples : utterances) {
            embeddings.add(session.embed(filterBank.features(samples, workers)));
          }
          return embeddings;
        });
  }

  @Override
  public List<float[]> embedFeatures(List<Features> utterances) {
    return onOwner(
        () -> {
          List<float[]> embeddings = new ArrayList<>(utterances.size());
          for (Features features : utterances) {
            embeddings.add(session.embed(features));
          }
          return embeddings;
        });
  }

  @Override
  public float[] activation(Features features, String node) {
    Node found = graph.find(node);
    if (found == null) {
      throw new IllegalArgumentException("the graph has no node \"%s\"".formatted(node));
    }
    return onOwner(() -> session.activation(features, found));
  }

  /** oneDNN's name of the kernel that computes each layer, for diagnosis. */
  Map<String, String> implementations(int frames) {
    return onOwner(() -> session.implementations(frames));
  }

  private void requireOpen() {
    if (owner.isShutdown()) {
      throw closed();
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("the oneDNN engine is closed");
  }

  private <T> T onOwner(Callable<T> work) {
    Future<T> future;
    try {
      future = owner.submit(work);
    } catch (RejectedExecutionException e) {
      throw closed();
    }
    try {
      return getUninterruptibly(future);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      if (e.getCause() instanceof EngineException
          || e.getCause() instanceof IllegalArgumentException) {
        throw (RuntimeException) e.getCause();
      }
      throw new EngineException("oneDNN engine: " + e.getCause().getMessage(), e.getCause());
    }
  }

  /** The work runs on whether or not the caller waits, and reads the caller's arrays. */
  private static <T> T getUninterruptibly(Future<T> future) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public synchronized void close() {
    if (!owner.isShutdown()) {
      onOwner(
          () -> {
            session.close();
            return null;
          });
      owner.shutdown();
      workers.shutdown();
    }
  }
}
