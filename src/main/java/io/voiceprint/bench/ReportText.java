package io.voiceprint.bench;

import java.util.Locale;

/** A report as text, 110 columns wide. */
final class ReportText {
  private static final String HEAD = "  %-22s %9s %9s %9s %9s %9s %9s %8s %8s %5s %6s";
  private static final String ROW = "  %-22s %9.3f %9.3f %9.3f %9.3f %9.3f %9.1f %8.1f %8s %5s %6d";

  private final BenchmarkReport report;
  private final StringBuilder text = new StringBuilder();

  ReportText(BenchmarkReport report) {
    this.report = report;
  }

  String text() {
    BenchmarkReport.Origin origin = report.origin();
    line("%s, %s", origin.program(), origin.time());
    line("%s", report.machine());
    line(
        "%s: %s, %,d parameters",
        report.network().name(),
        report.network().model().architecture(),
        report.network().model().parameters());
    report.runs().forEach(this::run);
    return text.toString();
  }

  private void run(EngineRun run) {
    line("");
    line("%s, %s, %s", run.contestant().engine(), run.contestant().device(), boundary(run));
    checks(run);
    if (run.isRefused()) {
      line("  NOT MEASURED: %s", run.refused());
      return;
    }
    run.ceiling().ifPresent(this::ceiling);
    table(run);
    run.opening()
        .ifPresent(
            opening ->
                line(
                    "  opened in %.1f ms, first call %.1f ms",
                    opening.openMs(), opening.firstCallMs()));
    run.memory().ifPresent(this::memory);
    run.coldStart().ifPresent(this::coldStart);
    run.profile().ifPresent(profile -> text.append(ProfileText.of(profile, run.ceiling())));
  }

  private static String boundary(EngineRun run) {
    return run.results().stream().anyMatch(result -> result.boundary() == Boundary.PCM)
        ? "from 16-bit samples to embeddings"
        : "from features to embeddings";
  }

  private void ceiling(Ceiling top) {
    line("  ceiling %.1f GFLOP/s: %s", top.gflopPerSecond(), top.how());
    top.device()
        .ifPresent(
            device ->
                line(
                    "  ceiling %.1f GB/s: %s; a launch takes %.2f us between events, %.2f us in a CUDA graph",
                    device.bytesPerSecond() * 1e-9,
                    device.how(),
                    device.launchNanos() * 1e-3,
                    device.graphLaunchNanos() * 1e-3));
  }

  private void checks(EngineRun run) {
    String worst =
        run.results().stream()
            .flatMap(result -> result.check().stream())
            .max((a, b) -> Double.compare(a.relativeError(), b.relativeError()))
            .map(
                check ->
                    String.format(
                        Locale.ROOT,
                        "relative error to %s at most %.1e (bound %.1e)",
                        check.against(),
                        check.relativeError(),
                        check.bound()))
            .orElse("not checked");
    line("  checked: %s", worst);
  }

  private void table(EngineRun run) {
    line(
        HEAD,
        "workload",
        "p50 ms",
        "p90 ms",
        "p99 ms",
        "p99.9 ms",
        "max ms",
        "clips/s",
        "x real",
        "GFLOP/s",
        "ceil.",
        "calls");
    run.results().forEach(result -> row(run, result));
  }

  private void row(EngineRun run, Result result) {
    Timing timing = result.timing().orElseThrow();
    Percentiles latency = timing.latencies().percentiles();
    String share =
        run.ceiling()
            .map(top -> 100 * result.gflopPerSecond() / top.gflopPerSecond())
            .map(percent -> String.format(Locale.ROOT, "%.0f%%", percent))
            .orElse("");
    line(
        ROW,
        result.workload().name(),
        latency.p50(),
        latency.p90(),
        latency.p99(),
        latency.p999(),
        latency.max(),
        result.clipsPerSecond(),
        result.audioSecondsPerSecond(),
        String.format(Locale.ROOT, "%.1f", result.gflopPerSecond()),
        share,
        timing.latencies().calls());
    if (result.workload().load().isOpen()) {
      openLoop(result, timing);
    }
  }

  private void openLoop(Result result, Timing timing) {
    Percentiles sent = timing.uncorrected().percentiles();
    line(
        "    counted from sending instead: p50 %.3f, p99 %.3f, max %.3f ms",
        sent.p50(), sent.p99(), sent.max());
    if (timing.unsent() > 0) {
      line(
          "    OVERLOADED: %d calls were due but not made in %.1f s; %.1f/s were, of %s/s",
          timing.unsent(),
          result.seconds(),
          result.callsPerSecond(),
          Clips.number(result.workload().load().rate()));
    }
  }

  private void memory(MemoryUse memory) {
    line(
        "  memory: peak resident %s, Java heap %.0f MiB in use of %.0f MiB taken%s",
        memory.peakResident().isPresent()
            ? String.format(Locale.ROOT, "%.0f MiB", memory.peakResident().getAsDouble())
            : "unknown",
        memory.heapUsed(),
        memory.heapCommitted(),
        memory.device().isPresent()
            ? String.format(
                Locale.ROOT, ", device %.0f MiB in use by all", memory.device().getAsDouble())
            : "");
  }

  private void coldStart(ColdStart start) {
    for (ColdStart.Sample each : start.samples()) {
      line(
          "  cold start: first embedding (%s s) after %.0f ms: Java %.0f, weights %.0f, engine %.0f,"
              + " first call %.0f; second call %.1f; peak resident %.0f MiB",
          Clips.number(start.seconds()),
          each.process(),
          each.runtime(),
          each.load(),
          each.open(),
          each.firstCall(),
          each.secondCall(),
          each.peakResident());
    }
  }

  private void line(String format, Object... values) {
    // Columns that are empty leave no blanks at the end.
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }
}
