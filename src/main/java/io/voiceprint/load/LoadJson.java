package io.voiceprint.load;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.voiceprint.bench.Load;
import io.voiceprint.load.Tally.Outcome;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Map;

/** A report as a JSON object of one line for each value. */
final class LoadJson {
  private final JsonGenerator json;

  private LoadJson(JsonGenerator json) {
    this.json = json;
  }

  static String of(LoadReport report) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      new LoadJson(json).write(report);
      json.writeEndObject();
    }
    return text + "\n";
  }

  private void write(LoadReport report) throws IOException {
    load(report.plan());
    outcome(report);
    if (report.comparison().isPresent()) {
      Comparison comparison = report.comparison().get();
      spread("aloneMs", comparison.aloneMs());
      spread("slowdown", comparison.slowdown());
      spread("oneByOneMs", comparison.oneByOneMs());
    }
    if (report.recoverySeconds().isPresent()) {
      json.writeNumberField("recoverySeconds", report.recoverySeconds().getAsDouble());
    }
    json.writeNumberField("connectionsHeld", report.plan().holders());
    json.writeNumberField("connectionsDropped", report.held().dropped());
    json.writeNumberField("connectionsRefused", report.held().refused());
    json.writeNumberField("processors", Runtime.getRuntime().availableProcessors());
    json.writeNumberField("clientProcessorSeconds", report.processorTime().client());
    if (report.processorTime().server().isPresent()) {
      json.writeNumberField(
          "serverProcessorSeconds", report.processorTime().server().getAsDouble());
    }
    json.writeArrayFieldStart("serverMebibytes");
    for (long value : report.memory()) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }

  private void load(LoadPlan plan) throws IOException {
    Load load = plan.load();
    json.writeStringField("loop", load.isOpen() ? "open" : "closed");
    if (load.isOpen()) {
      json.writeNumberField("rate", load.rate());
      json.writeStringField("arrivals", load.arrivals().toString());
    } else {
      json.writeNumberField("concurrency", load.concurrency());
    }
    json.writeNumberField("clips", plan.clips().size());
    json.writeNumberField("durationSeconds", plan.duration().toNanos() * 1e-9);
  }

  private void outcome(LoadReport report) throws IOException {
    Outcome outcome = report.outcome();
    json.writeNumberField("seconds", report.seconds());
    json.writeNumberField("sent", report.sent());
    json.writeNumberField("answered", outcome.answered());
    json.writeNumberField("lost", outcome.lost());
    counts("statuses", outcome.statuses());
    counts("losses", outcome.losses());
    json.writeNumberField("answersWithoutEmbedding", outcome.empty());
    json.writeNumberField("refusalsWithoutRetryAfter", outcome.refusedWithoutHint());
    json.writeNumberField("embeddingsPerSecond", report.embeddingsPerSecond());
    json.writeNumberField("audioSecondsPerSecond", report.audioSecondsPerSecond());
    spread("embeddingMs", Served.latencies(outcome.served()));
    spread("refusalMs", outcome.refusalMs());
  }

  private void counts(String name, Map<String, Integer> counts) throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, Integer> each : counts.entrySet()) {
      json.writeNumberField(each.getKey(), each.getValue());
    }
    json.writeEndObject();
  }

  private void spread(String name, Spread values) throws IOException {
    if (values.count() > 0) {
      json.writeObjectFieldStart(name);
      json.writeNumberField("count", values.count());
      json.writeNumberField("p50", values.p50());
      json.writeNumberField("p90", values.p90());
      json.writeNumberField("p99", values.p99());
      json.writeNumberField("p999", values.p999());
      json.writeNumberField("max", values.max());
      json.writeEndObject();
    }
  }
}
