package io.voiceprint.bench;

import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * What was measured, of which network, where.
 *
 * @param origin which program, when, how
 * @param machine what it ran on
 */
public record BenchmarkReport(
    Origin origin, Machine machine, MeasuredNetwork network, List<EngineRun> runs) {
  /**
   * Where a report comes from.
   *
   * @param program with its version
   * @param commit of its sources; empty if that is not known
   * @param command line
   * @param time when it was finished
   */
  public record Origin(String program, String commit, String command, Instant time) {}

  /** Copies. */
  public BenchmarkReport {
    runs = List.copyOf(runs);
  }

  /** Whether any engine gave wrong numbers. */
  public boolean hasRefused() {
    return runs.stream().anyMatch(EngineRun::isRefused);
  }

  /** For people. */
  public String text() {
    return new ReportText(this).text();
  }

  /**
   * For programs: the format that {@code bench/README.md} describes.
   *
   * @throws IOException never, but the writer of JSON declares it
   */
  public String json() throws IOException {
    return JsonTree.write(new ReportTree(this).tree());
  }

  /** Pictures of the profiles that were measured, as SVG; empty without one. */
  public String profileSvg() {
    List<EngineRun> profiled = runs.stream().filter(run -> run.profile().isPresent()).toList();
    return profiled.isEmpty() ? "" : new ProfileSvg(network.name(), profiled).svg();
  }
}
