package io.voiceprint.load;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.voiceprint.load.Tally.Outcome;
import io.voiceprint.load.Times.Percentiles;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** What a server made of a load. */
public final class LoadReport {
  private final LoadPlan plan;
  private final int sent;
  private final double seconds;
  private final Outcome outcome;
  private final OptionalDouble recoverySeconds;
  private final Held held;
  private final List<Long> memory;

  /**
   * What became of connections that were only held.
   *
   * @param dropped slow ones that the server closed
   * @param refused ones that could not be opened
   */
  record Held(int dropped, int refused) {}

  /**
   * @param sent requests
   * @param seconds from the first request to the last answer
   * @param recoverySeconds from the end of sending to the first embedding of a request sent after
   *     it
   * @param memory of the server's process in MiB, a value per second
   */
  LoadReport(
      LoadPlan plan,
      int sent,
      double seconds,
      Outcome outcome,
      OptionalDouble recoverySeconds,
      Held held,
      List<Long> memory) {
    this.plan = plan;
    this.sent = sent;
    this.seconds = seconds;
    this.outcome = outcome;
    this.recoverySeconds = recoverySeconds;
    this.held = held;
    this.memory = memory;
  }

  /** Whether every request was answered, and no answer was wrong. */
  public boolean isSound() {
    return outcome.lost() == 0
        && outcome.answered() == sent
        && outcome.empty() == 0
        && outcome.refusedWithoutHint() == 0;
  }

  /** A few lines for people. */
  public String text() {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "%d requests in %.1f s, %d answered, %d lost: %s",
        sent,
        seconds,
        outcome.answered(),
        outcome.lost(),
        outcome.statuses());
    line(
        text,
        "%.2f embeddings/s, %.1f s of audio per second",
        outcome.good().count() / seconds,
        outcome.goodSeconds() / seconds);
    latencies(text, "embeddings", outcome.good());
    latencies(text, "refusals", outcome.refused());
    outcome.losses().forEach((reason, count) -> line(text, "lost %d: %s", count, reason));
    recoverySeconds.ifPresent(value -> line(text, "an embedding %.2f s after the load", value));
    if (plan.holders() > 0) {
      line(
          text,
          "%d connections held, %d slow ones closed by the server, %d refused",
          plan.holders(),
          held.dropped(),
          held.refused());
    }
    if (!memory.isEmpty()) {
      line(
          text,
          "server's memory %d MiB at first, %d at most, %d at last",
          memory.get(0),
          memory.stream().mapToLong(Long::longValue).max().orElseThrow(),
          memory.get(memory.size() - 1));
    }
    return text.toString();
  }

  private static void latencies(StringBuilder text, String what, Percentiles times) {
    if (times.count() > 0) {
      line(
          text,
          "%s: p50 %.1f ms, p90 %.1f, p99 %.1f, longest %.1f, of %d",
          what,
          times.p50(),
          times.p90(),
          times.p99(),
          times.max(),
          times.count());
    }
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** Everything, as a JSON object of one line for each value. */
  public String json() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("loop", plan.isOpen() ? "open" : "closed");
      if (plan.isOpen()) {
        json.writeNumberField("rate", plan.rate());
        json.writeStringField("arrivals", plan.arrivals().name().toLowerCase(Locale.ROOT));
      } else {
        json.writeNumberField("concurrency", plan.concurrency());
      }
      json.writeNumberField("clips", plan.clips().size());
      json.writeNumberField("durationSeconds", plan.duration().toNanos() * 1e-9);
      json.writeNumberField("seconds", seconds);
      json.writeNumberField("sent", sent);
      json.writeNumberField("answered", outcome.answered());
      json.writeNumberField("lost", outcome.lost());
      counts(json, "statuses", outcome.statuses());
      counts(json, "losses", outcome.losses());
      json.writeNumberField("answersWithoutEmbedding", outcome.empty());
      json.writeNumberField("refusalsWithoutRetryAfter", outcome.refusedWithoutHint());
      json.writeNumberField("embeddingsPerSecond", outcome.good().count() / seconds);
      json.writeNumberField("audioSecondsPerSecond", outcome.goodSeconds() / seconds);
      percentiles(json, "embeddingMs", outcome.good());
      percentiles(json, "refusalMs", outcome.refused());
      if (recoverySeconds.isPresent()) {
        json.writeNumberField("recoverySeconds", recoverySeconds.getAsDouble());
      }
      json.writeNumberField("connectionsHeld", plan.holders());
      json.writeNumberField("connectionsDropped", held.dropped());
      json.writeNumberField("connectionsRefused", held.refused());
      json.writeFieldName("serverMebibytes");
      json.writeStartArray();
      for (long value : memory) {
        json.writeNumber(value);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text + "\n";
  }

  private static void counts(JsonGenerator json, String name, Map<String, Integer> counts)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, Integer> each : counts.entrySet()) {
      json.writeNumberField(each.getKey(), each.getValue());
    }
    json.writeEndObject();
  }

  private static void percentiles(JsonGenerator json, String name, Percentiles times)
      throws IOException {
    if (times.count() > 0) {
      json.writeObjectFieldStart(name);
      json.writeNumberField("count", times.count());
      json.writeNumberField("p50", times.p50());
      json.writeNumberField("p90", times.p90());
      json.writeNumberField("p99", times.p99());
      json.writeNumberField("p999", times.p999());
      json.writeNumberField("max", times.max());
      json.writeEndObject();
    }
  }
}
