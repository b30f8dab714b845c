package io.voiceprint.load;

import io.voiceprint.load.EmbeddingClient.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What became of requests. Thread-safe. */
final class Tally {
  private final List<LoadClip> clips;
  private final Map<String, Integer> statuses = new TreeMap<>();
  private final Map<String, Integer> losses = new TreeMap<>();
  private final Map<String, String> failures = new TreeMap<>();
  private final List<Served> served = new ArrayList<>();
  private final List<Double> refusalMs = new ArrayList<>();
  private double servedSeconds;
  private int empty;
  private int refusedWithoutHint;

  Tally(List<LoadClip> clips) {
    this.clips = clips;
  }

  /**
   * An answer came.
   *
   * @param request with its latency, whatever the answer
   */
  synchronized void answered(Served request, Answer answer) {
    statuses.merge(String.valueOf(answer.status()), 1, Integer::sum);
    if (answer.isGood()) {
      served.add(request);
      servedSeconds += clips.get(request.clip()).audio().seconds();
    } else if (answer.status() == 200) {
      empty++;
    } else if (answer.isRefusal()) {
      refusalMs.add(request.millis());
      if (!answer.retryAfter()) {
        refusedWithoutHint++;
      }
    } else {
      failures.putIfAbsent(String.valueOf(answer.status()), answer.excerpt());
    }
  }

  /** No answer came. */
  synchronized void lost(IOException failure) {
    losses.merge(failure.getClass().getSimpleName() + ": " + failure.getMessage(), 1, Integer::sum);
  }

  synchronized Outcome outcome() {
    return new Outcome(
        new TreeMap<>(statuses),
        new TreeMap<>(losses),
        new TreeMap<>(failures),
        empty,
        refusedWithoutHint,
        List.copyOf(served),
        servedSeconds,
        Spread.of(refusalMs.stream().mapToDouble(Double::doubleValue).toArray()));
  }

  /**
   * @param statuses answers by status
   * @param losses requests without an answer, by reason
   * @param failures what the first answer said of each status that is neither an embedding nor a
   *     refusal
   * @param empty answers with status 200 and no embedding, which there must not be
   * @param refusedWithoutHint answers 429 or 503 that did not say when to come back
   * @param served requests that got their embedding
   * @param servedSeconds audio of these
   * @param refusalMs latencies of answers 429 and 503
   */
  record Outcome(
      Map<String, Integer> statuses,
      Map<String, Integer> losses,
      Map<String, String> failures,
      int empty,
      int refusedWithoutHint,
      List<Served> served,
      double servedSeconds,
      Spread refusalMs) {
    int lost() {
      return losses.values().stream().mapToInt(Integer::intValue).sum();
    }

    int answered() {
      return statuses.values().stream().mapToInt(Integer::intValue).sum();
    }
  }
}
