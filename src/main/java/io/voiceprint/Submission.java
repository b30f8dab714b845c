package io.voiceprint;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.batch.Batcher;
import io.voiceprint.batch.QueueFullException;
import io.voiceprint.batch.Terms;
import io.voiceprint.batch.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** Hands utterances in without ever waiting. */
final class Submission {
  private final Intake intake;
  private final Batcher batcher;
  private final TimeSource time;

  Submission(Intake intake, Batcher batcher, TimeSource time) {
    this.intake = intake;
    this.batcher = batcher;
    this.time = time;
  }

  /** As {@link SpeakerEncoder#submit(List, SubmitOptions)}. */
  List<CompletableFuture<Embedding>> submit(List<Utterance> utterances, SubmitOptions options) {
    Terms terms = terms(options);
    // Before the samples are checked and resampled: refusing must be cheap.
    requireRoom(utterances.size());
    List<CompletableFuture<Embedding>> futures = new ArrayList<>(utterances.size());
    List<Integer> usable = new ArrayList<>();
    List<PcmAudio> accepted = new ArrayList<>();
    for (int i = 0; i < utterances.size(); i++) {
      Utterance utterance = utterances.get(i);
      try {
        accepted.add(intake.accept(utterance.name(), utterance.audio()));
        usable.add(i);
        futures.add(null);
      } catch (UnusableAudioException e) {
        futures.add(CompletableFuture.failedFuture(e));
      }
    }
    List<CompletableFuture<float[]>> values = offer(accepted, terms);
    for (int k = 0; k < values.size(); k++) {
      int i = usable.get(k);
      Utterance utterance = utterances.get(i);
      futures.set(
          i,
          new PendingEmbedding(
                  utterance.name(),
                  utterance.audio().seconds(),
                  utterance.warnings(),
                  values.get(k))
              .future());
    }
    return futures;
  }

  void requireRoom(int utterances) {
    try {
      batcher.requireRoom(utterances);
    } catch (QueueFullException e) {
      throw overloaded(e);
    }
  }

  private List<CompletableFuture<float[]>> offer(List<PcmAudio> utterances, Terms terms) {
    try {
      return batcher.offer(utterances, terms);
    } catch (QueueFullException e) {
      throw overloaded(e);
    }
  }

  private static OverloadedException overloaded(QueueFullException e) {
    Duration retryAfter = Duration.ofNanos(e.retryAfterNanos());
    return new OverloadedException(
        "overloaded: %s; try again in %.1f s"
            .formatted(e.getMessage(), retryAfter.toNanos() * 1e-9),
        retryAfter);
  }

  private Terms terms(SubmitOptions options) {
    return new Terms(
        options.priority().level(),
        options.timeout().isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(time.nanos() + nanos(options.timeout().get())));
  }

  /** Saturated so that no deadline wraps around. */
  private static long nanos(Duration timeout) {
    long limit = Long.MAX_VALUE / 4;
    return timeout.compareTo(Duration.ofNanos(limit)) < 0 ? timeout.toNanos() : limit;
  }
}
