package io.voiceprint.bench;

import io.voiceprint.graph.GraphCost;
import io.voiceprint.model.SpeakerModel;
import java.util.List;
import java.util.Optional;

/**
 * One workload on one engine.
 *
 * @param frames of a clip, where all have the same
 * @param flop of a call, on average
 * @param check empty where there was nothing to compare with
 * @param timing empty where the numbers were wrong
 */
record Result(
    Workload workload,
    Boundary boundary,
    Optional<Integer> frames,
    double flop,
    Optional<Check> check,
    Optional<Timing> timing) {

  /**
   * How the embeddings differ from right ones.
   *
   * @param against which engine's they were compared with
   * @param relativeError of the compared clip that is nearest to its bound, in relative L2
   * @param bound the largest that passes for that clip
   */
  record Check(String against, double relativeError, double bound) {
    boolean passes() {
      return relativeError <= bound;
    }
  }

  /** Counts frames and operations. */
  static Result of(
      SpeakerModel model,
      Workload workload,
      Boundary boundary,
      Optional<Check> check,
      Optional<Timing> timing) {
    List<Integer> frames =
        workload.calls().stream()
            .flatMap(List::stream)
            .map(clip -> model.frontEnd().frames(clip.length()))
            .toList();
    double flop =
        frames.stream().mapToDouble(length -> GraphCost.flop(model.graph(), length)).sum();
    return new Result(
        workload,
        boundary,
        workload.lengths().isEmpty() ? Optional.of(frames.get(0)) : Optional.empty(),
        flop / workload.calls().size(),
        check,
        timing);
  }

  Result untimed() {
    return new Result(workload, boundary, frames, flop, check, Optional.empty());
  }

  /** Seconds that all calls took together. */
  double seconds() {
    return timing.orElseThrow().elapsedNanos() * 1e-9;
  }

  double callsPerSecond() {
    return timing.orElseThrow().latencies().calls() / seconds();
  }

  /** Clips embedded per second. */
  double clipsPerSecond() {
    return workload.batch() * callsPerSecond();
  }

  /** Seconds of audio embedded per second. */
  double audioSecondsPerSecond() {
    return workload.seconds() * callsPerSecond();
  }

  double gflopPerSecond() {
    return flop * callsPerSecond() * 1e-9;
  }
}
