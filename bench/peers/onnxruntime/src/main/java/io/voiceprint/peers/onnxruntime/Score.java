package io.voiceprint.peers.onnxruntime;

import io.voiceprint.Embedding;
import io.voiceprint.diagnosis.Accuracy;
import io.voiceprint.engine.Precision;
import java.util.List;

/** What one engine did on one workload, over all rounds. */
final class Score {
  private final Result.Engine engine;
  private final Precision precision;
  private final String boundary;
  private final Workload workload;
  private final Times times = new Times();
  private Accuracy worst;

  Score(Result.Engine engine, Precision precision, String boundary, Workload workload) {
    this.engine = engine;
    this.precision = precision;
    this.boundary = boundary;
    this.workload = workload;
  }

  Result.Engine engine() {
    return engine;
  }

  Workload workload() {
    return workload;
  }

  String boundary() {
    return boundary;
  }

  Times times() {
    return times;
  }

  /** Notes how far the last call's embeddings were from the expected ones. */
  void check(List<float[]> embeddings, List<float[]> expected) {
    for (int i = 0; i < embeddings.size(); i++) {
      Accuracy accuracy =
          Accuracy.of(Embedding.of(embeddings.get(i)), Embedding.of(expected.get(i)), precision);
      if (worst == null || !(accuracy.relativeError() <= worst.relativeError())) {
        worst = accuracy;
      }
    }
  }

  /**
   * @param flop of a call; 0 if not known
   */
  Result result(Result.Model model, String against, long flop) {
    Result.Check check = new Result.Check(against, worst.relativeError(), worst.bound());
    return new Result(engine, model, boundary, workload, check, times, flop, List.of());
  }
}
