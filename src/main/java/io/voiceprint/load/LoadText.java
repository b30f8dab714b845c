package io.voiceprint.load;

import io.voiceprint.load.Tally.Outcome;
import java.util.Locale;

/** A report in a few lines for people. */
final class LoadText {
  private final StringBuilder text = new StringBuilder();

  LoadText(LoadReport report) {
    Outcome outcome = report.outcome();
    line(
        "%d requests in %.1f s, %d answered, %d lost: %s",
        report.sent(), report.seconds(), outcome.answered(), outcome.lost(), outcome.statuses());
    line(
        "%.2f embeddings/s, %.1f s of audio per second",
        report.embeddingsPerSecond(), report.audioSecondsPerSecond());
    latencies("embeddings", Served.latencies(outcome.served()));
    report.comparison().ifPresent(this::comparison);
    latencies("refusals", outcome.refusalMs());
    outcome.losses().forEach((reason, count) -> line("lost %d: %s", count, reason));
    outcome
        .failures()
        .forEach(
            (status, answer) ->
                line("failed %d: %s %s", outcome.statuses().get(status), status, answer));
    report.recoverySeconds().ifPresent(value -> line("an embedding %.2f s after the load", value));
    if (report.plan().holders() > 0) {
      line(
          "%d connections held, %d times one was closed by the server, %d times refused",
          report.plan().holders(), report.held().dropped(), report.held().refused());
    }
    processors(report);
    if (!report.memory().isEmpty()) {
      line(
          "server's memory %d MiB at first, %d at most, %d at last",
          report.memory().get(0),
          report.memory().stream().mapToLong(Long::longValue).max().orElseThrow(),
          report.memory().get(report.memory().size() - 1));
    }
  }

  private void comparison(Comparison comparison) {
    latencies("a single caller", comparison.aloneMs());
    Spread slowdown = comparison.slowdown();
    line(
        "by the single caller's of the same clip: p50 %.2f, p90 %.2f, p99 %.2f, highest %.2f",
        slowdown.p50(), slowdown.p90(), slowdown.p99(), slowdown.max());
    latencies("the same one by one, without any cost of serving", comparison.oneByOneMs());
  }

  private void processors(LoadReport report) {
    ProcessorTime used = report.processorTime();
    double processors = Runtime.getRuntime().availableProcessors() * report.seconds();
    line(
        "processor time: client %.2f ms a request, %.1f %% of %d processors",
        1e3 * used.client() / report.sent(),
        100 * used.client() / processors,
        Runtime.getRuntime().availableProcessors());
    used.server()
        .ifPresent(
            server ->
                line(
                    "processor time: server %.2f ms a request, %.1f %%",
                    1e3 * server / report.sent(), 100 * server / processors));
  }

  private void latencies(String what, Spread times) {
    if (times.count() > 0) {
      line(
          "%s: p50 %.1f ms, p90 %.1f, p99 %.1f, longest %.1f, of %d",
          what, times.p50(), times.p90(), times.p99(), times.max(), times.count());
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // The annotation would cost a dependency.
  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
