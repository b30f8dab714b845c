package io.voiceprint.load;

import io.voiceprint.load.EmbeddingClient.Answer;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;

/** What became of requests. Thread-safe. */
final class Tally {
  private final Map<String, Integer> statuses = new TreeMap<>();
  private final Map<String, Integer> losses = new TreeMap<>();
  private final Times good = new Times();
  private final Times refused = new Times();
  private double goodSeconds;
  private int empty;
  private int refusedWithoutHint;

  /**
   * @param latencyNanos from when the request was due
   */
  void answered(LoadClip clip, Answer answer, long latencyNanos) {
    if (answer.isGood()) {
      good.add(latencyNanos);
    } else if (answer.isRefusal()) {
      refused.add(latencyNanos);
    }
    synchronized (this) {
      statuses.merge(String.valueOf(answer.status()), 1, Integer::sum);
      if (answer.isGood()) {
        goodSeconds += clip.audio().seconds();
      } else if (answer.status() == 200) {
        empty++;
      } else if (answer.isRefusal() && !answer.retryAfter()) {
        refusedWithoutHint++;
      }
    }
  }

  /** No answer came. */
  synchronized void lost(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    losses.merge(cause.getClass().getSimpleName() + ": " + cause.getMessage(), 1, Integer::sum);
  }

  synchronized Outcome outcome() {
    return new Outcome(
        new TreeMap<>(statuses),
        new TreeMap<>(losses),
        empty,
        refusedWithoutHint,
        goodSeconds,
        good.percentiles(),
        refused.percentiles());
  }

  /**
   * @param statuses answers by status
   * @param losses requests without an answer, by reason
   * @param empty answers with status 200 and no embedding, which there must not be
   * @param refusedWithoutHint answers 429 or 503 that did not say when to come back
   * @param goodSeconds audio whose embeddings came
   * @param good latencies of embeddings
   * @param refused latencies of refusals
   */
  record Outcome(
      Map<String, Integer> statuses,
      Map<String, Integer> losses,
      int empty,
      int refusedWithoutHint,
      double goodSeconds,
      Times.Percentiles good,
      Times.Percentiles refused) {
    int lost() {
      return losses.values().stream().mapToInt(Integer::intValue).sum();
    }

    int answered() {
      return statuses.values().stream().mapToInt(Integer::intValue).sum();
    }
  }
}
