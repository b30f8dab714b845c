package io.voiceprint.server;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.voiceprint.Embedding;
import io.voiceprint.EmbeddingResult;
import io.voiceprint.Priority;
import io.voiceprint.UnusableDeviceException;
import io.voiceprint.server.config.ServerLimits;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The way of every request: it is parsed, its clips decoded one after the other by a thread of a
 * bounded pool, and handed to the model as they come, whose batcher puts those of all requests
 * together. So the samples in memory are bounded by the pool and the batcher's queue, whatever the
 * files unfold to. Whoever comes while a bound is reached is refused at once.
 */
final class EmbeddingPipeline implements AutoCloseable {
  private final ModelLoader loader;
  private final ServerLimits limits;
  private final ThreadPoolExecutor decoders;
  private final AtomicInteger running = new AtomicInteger();

  EmbeddingPipeline(ModelLoader loader, ServerLimits limits) {
    this.loader = loader;
    this.limits = limits;
    AtomicInteger count = new AtomicInteger();
    this.decoders =
        new ThreadPoolExecutor(
            limits.decoders(),
            limits.decoders(),
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(limits.decodeQueue()),
            task -> {
              Thread thread = new Thread(task, "voiceprint-decoder-" + count.getAndIncrement());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Most clips of one request. */
  int mostClips() {
    return limits.items();
  }

  /**
   * Where requests are parsed and decoded. It refuses with {@link
   * java.util.concurrent.RejectedExecutionException} when too much waits.
   */
  Executor decoders() {
    return decoders;
  }

  /**
   * The embeddings of a request's clips, in order. Decodes them on the calling thread, which must
   * be one of {@link #decoders()}.
   *
   * @return fails with {@link RequestFailure} if the request as a whole cannot be served; a clip
   *     that has no embedding fails in its own place
   * @throws RequestFailure if there are too many clips, or too much to do
   */
  CompletableFuture<List<EmbeddingResult>> embed(
      ServedModel model, List<Clip> clips, Priority priority, ServiceRequestContext context) {
    if (clips.isEmpty() || clips.size() > limits.items()) {
      throw new RequestFailure(
          Fault.BAD_REQUEST,
          "a request has 1 to %d utterances, this one %d".formatted(limits.items(), clips.size()));
    }
    if (running.incrementAndGet() > limits.requests()) {
      running.decrementAndGet();
      throw RequestFailure.overloaded(
          "%d requests are being served; come again later".formatted(limits.requests()),
          RequestFailure.RETRY);
    }
    EmbeddingJob job = new EmbeddingJob(model, clips, priority, context);
    job.run();
    return job.results()
        .whenComplete(
            (results, failure) -> {
              running.decrementAndGet();
              if (results != null && results.stream().anyMatch(EmbeddingPipeline::isDevices)) {
                loader.suspect(model);
              }
            });
  }

  private static boolean isDevices(EmbeddingResult result) {
    return result instanceof EmbeddingResult.Failure failure
        && failure.reason() instanceof UnusableDeviceException;
  }

  /** One embedding of each clip, or else the failure of one of them. */
  CompletableFuture<List<Embedding>> embedAll(
      ServedModel model, List<Clip> clips, Priority priority, ServiceRequestContext context) {
    return embed(model, clips, priority, context)
        .thenApply(results -> results.stream().map(EmbeddingResult::orElseThrow).toList());
  }

  /** Requests that are decoded or computed now. */
  int running() {
    return running.get();
  }

  /** Requests that wait to be decoded. */
  int waiting() {
    return decoders.getQueue().size();
  }

  @Override
  public void close() {
    decoders.shutdown();
  }
}
