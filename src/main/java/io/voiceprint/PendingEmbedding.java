package io.voiceprint;

import io.voiceprint.audio.AudioWarning;
import io.voiceprint.batch.ExpiredException;
import io.voiceprint.engine.EngineException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * An utterance that was handed in.
 *
 * @param name what to call it in messages
 * @param seconds of audio
 * @param warnings about the audio
 * @param values what the engine computes (D), or why it was not given to it
 */
record PendingEmbedding(
    String name, double seconds, List<AudioWarning> warnings, CompletableFuture<float[]> values) {
  /**
   * What futures of all encoders are completed on. Not the common pool: with two processors {@link
   * CompletableFuture} starts a thread for each embedding instead, even if that pool is named. As
   * many threads as stages that wait for something, so that none holds up another.
   */
  private static final Executor STAGES = Executors.newCachedThreadPool(PendingEmbedding::thread);

  private static Thread thread(Runnable stages) {
    Thread thread = new Thread(stages, "voiceprint-futures");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Waits for the embedding.
   *
   * @throws InterruptedException if the thread is interrupted; the utterance is then cancelled
   */
  Embedding await() throws InterruptedException {
    try {
      return embedding(values.get());
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (CancellationException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      cancel();
      throw e;
    }
  }

  /** The embedding of what the engine computed, which must be finite. */
  private Embedding embedding(float[] computed) {
    for (int i = 0; i < computed.length; i++) {
      if (!Float.isFinite(computed[i])) {
        throw new VoiceprintException(
            "%s: the network computed %s at %d of %d; its weights or the samples exceed what the precision holds, try fp32"
                .formatted(name, computed[i], i, computed.length));
      }
    }
    return new Embedding(computed, seconds, warnings);
  }

  /**
   * The embedding as a future. Its dependents never run on the batcher's thread, so they may wait
   * for the encoder; cancelling it cancels the utterance.
   */
  CompletableFuture<Embedding> future() {
    CompletableFuture<Embedding> embedding =
        values.handleAsync(
            (computed, failure) -> {
              if (failure != null) {
                throw failure(failure);
              }
              return embedding(computed);
            },
            STAGES);
    var unused =
        embedding.whenComplete(
            (result, failure) -> {
              if (embedding.isCancelled()) {
                cancel();
              }
            });
    return embedding;
  }

  /** Keeps it from being computed if its turn has not come. */
  void cancel() {
    values.cancel(false);
  }

  private VoiceprintException failure(Throwable cause) {
    if (cause instanceof UnusableAudioException refusal) {
      return refusal;
    }
    if (cause instanceof CancellationException) {
      return new VoiceprintException(
          name + ": not computed, because closing the encoder was interrupted", cause);
    }
    if (cause instanceof ExpiredException) {
      return new DeadlineExceededException(
          name + ": no embedding within the time that was given", cause);
    }
    if (cause instanceof EngineException) {
      return new UnusableDeviceException(name + ": " + cause.getMessage(), cause);
    }
    if (cause instanceof OutOfMemoryError) {
      return new UnusableDeviceException(
          "%s: not enough heap for %.1f s of audio; raise -Xmx or split it"
              .formatted(name, seconds),
          cause);
    }
    return new VoiceprintException("%s: the engine failed: %s".formatted(name, cause), cause);
  }
}
