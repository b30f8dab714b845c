package io.voiceprint.server;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.voiceprint.Embedding;
import io.voiceprint.EmbeddingResult;
import io.voiceprint.Priority;
import io.voiceprint.SubmitOptions;
import io.voiceprint.UnusableAudioException;
import io.voiceprint.VoiceprintException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The clips of one request on their way. Given up as soon as the client is gone or its time over.
 */
final class EmbeddingJob {
  private final ServedModel model;
  private final List<Clip> clips;
  private final Priority priority;
  private final ServiceRequestContext context;
  private final CompletableFuture<List<EmbeddingResult>> results = new CompletableFuture<>();
  private final List<CompletableFuture<Embedding>> submitted = new ArrayList<>();
  private volatile boolean givenUp;

  EmbeddingJob(
      ServedModel model, List<Clip> clips, Priority priority, ServiceRequestContext context) {
    this.model = model;
    this.priority = priority;
    this.clips = clips;
    this.context = context;
  }

  /** Completed from a thread that completes the embeddings' futures, or the decoder's. */
  CompletableFuture<List<EmbeddingResult>> results() {
    return results;
  }

  /** Decodes and submits; returns before the embeddings are there. */
  void run() {
    var unused = context.whenRequestCancelling().thenAccept(this::giveUp);
    try {
      for (Clip clip : clips) {
        if (!submit(clip)) {
          return;
        }
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      giveUp(e);
      return;
    }
    CompletableFuture<?>[] all = submitted.toArray(CompletableFuture<?>[]::new);
    var unusedAll = CompletableFuture.allOf(all).whenComplete((nothing, failure) -> complete());
  }

  private boolean submit(Clip clip) {
    CompletableFuture<Embedding> embedding;
    try {
      embedding = model.submit(clip, new SubmitOptions(priority, remaining()), () -> givenUp);
    } catch (UnusableAudioException e) {
      embedding = CompletableFuture.failedFuture(e);
    }
    synchronized (submitted) {
      submitted.add(embedding);
      if (givenUp) {
        embedding.cancel(false);
      }
      return !givenUp;
    }
  }

  /** What is left of the request's time, zero if none is; empty if it has no limit. */
  private Optional<Duration> remaining() {
    long total = context.requestTimeoutMillis();
    if (total == 0) {
      return Optional.empty();
    }
    Duration passed =
        Duration.ofNanos(System.nanoTime() - context.log().partial().requestStartTimeNanos());
    Duration left = Duration.ofMillis(total).minus(passed);
    return Optional.of(left.isNegative() ? Duration.ZERO : left);
  }

  private void giveUp(Throwable cause) {
    synchronized (submitted) {
      givenUp = true;
      submitted.forEach(embedding -> embedding.cancel(false));
    }
    results.completeExceptionally(cause);
  }

  private void complete() {
    try {
      results.complete(submitted.stream().map(EmbeddingJob::result).toList());
    } catch (CancellationException | CompletionException e) {
      results.completeExceptionally(e);
    }
  }

  private static EmbeddingResult result(CompletableFuture<Embedding> embedding) {
    try {
      return new EmbeddingResult.Success(embedding.join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof VoiceprintException reason) {
        return new EmbeddingResult.Failure(reason);
      }
      throw e;
    }
  }
}
