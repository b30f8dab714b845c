package io.voiceprint.bench;

import java.util.List;
import java.util.Optional;

/**
 * All that was measured of one engine.
 *
 * @param refused why no speed is told; empty if it is
 * @param coldStart of processes of their own
 */
public record EngineRun(
    Contestant contestant,
    List<Result> results,
    String refused,
    Optional<Opening> opening,
    Optional<Ceiling> ceiling,
    Optional<MemoryUse> memory,
    Optional<Profile> profile,
    Optional<ColdStart> coldStart) {
  /** Copies. */
  public EngineRun {
    results = List.copyOf(results);
  }

  /** Without times, since they would be those of wrong numbers. */
  static EngineRun refused(Contestant contestant, List<Result> results, String reason) {
    List<Result> untimed = results.stream().map(Result::untimed).toList();
    return new EngineRun(
        contestant,
        untimed,
        reason,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Of another program, of which less is known. */
  static EngineRun of(Contestant peer, List<Result> results, Optional<MemoryUse> memory) {
    return new EngineRun(
        peer,
        results,
        "",
        Optional.empty(),
        Optional.empty(),
        memory,
        Optional.empty(),
        Optional.empty());
  }

  /** Whether the numbers were wrong. */
  public boolean isRefused() {
    return !refused.isEmpty();
  }
}
