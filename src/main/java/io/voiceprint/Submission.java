package io.voiceprint;

import io.voiceprint.batch.Batcher;
import io.voiceprint.batch.QueueFullException;
import io.voiceprint.batch.Terms;
import io.voiceprint.batch.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** The ways into the queue: one that waits while it is full, and one that never does. */
final class Submission {
  private final Intake intake;
  private final Batcher batcher;
  private final TimeSource time;

  Submission(Intake intake, Batcher batcher, TimeSource time) {
    this.intake = intake;
    this.batcher = batcher;
    this.time = time;
  }

  /**
   * Hands in utterances that belong together, and waits while there is no room for them.
   *
   * @return one per utterance, in order; those that have no embedding have failed already
   * @throws InterruptedException if the thread is interrupted while it waits; then none is computed
   */
  List<PendingEmbedding> put(List<Utterance> utterances) throws InterruptedException {
    Admission admission = new Admission(intake, utterances);
    return admission.pending(batcher.submit(admission.accepted()));
  }

  /** As {@link SpeakerEncoder#submit(List, SubmitOptions)}. */
  List<PendingEmbedding> offer(List<Utterance> utterances, SubmitOptions options) {
    Terms terms = terms(options);
    // Before the samples are checked and resampled: refusing must be cheap.
    requireRoom(utterances.size());
    Admission admission = new Admission(intake, utterances);
    try {
      return admission.pending(batcher.offer(admission.accepted(), terms));
    } catch (QueueFullException e) {
      throw overloaded(e);
    }
  }

  void requireRoom(int utterances) {
    try {
      batcher.requireRoom(utterances);
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
