package io.voiceprint.peers.onnxruntime;

import io.voiceprint.diagnosis.Accuracy;
import java.util.List;

/** What one engine did on one workload, over all rounds. */
final class Score {
  private final Result.Engine engine;
  private final String boundary;
  private final Workload workload;
  private final Times times = new Times();
  private Accuracy worst;

  Score(Result.Engine engine, String boundary, Workload workload) {
    this.engine = engine;
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

  /**
   * Notes how far the last call's embeddings were from the expected ones.
   *
   * @param rounded the first of them by the reference engine in the contestant's precision, which
   *     sets the bound for all
   */
  void check(List<float[]> embeddings, List<float[]> expected, float[] rounded) {
    double bound = Accuracy.of(embeddings.get(0), expected.get(0), rounded).bound();
    for (int i = 0; i < embeddings.size(); i++) {
      float[] wanted = expected.get(i);
      double error = Accuracy.of(embeddings.get(i), wanted, wanted).relativeError();
      Accuracy accuracy = new Accuracy(error, bound);
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
