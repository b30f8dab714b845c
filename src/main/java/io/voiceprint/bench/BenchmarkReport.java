package io.voiceprint.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.voiceprint.diagnosis.Accuracy;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was measured, of which network, where.
 *
 * @param version of this program
 * @param time when it was finished
 * @param machine what it ran on
 */
public record BenchmarkReport(
    String version, Instant time, Machine machine, SpeakerModel model, List<BenchmarkRun> runs) {
  /** Copies. */
  public BenchmarkReport {
    runs = List.copyOf(runs);
  }

  /** For people. */
  public String text() {
    StringBuilder text = new StringBuilder();
    line(text, "%s, %s", version, time);
    line(text, "%s", machine);
    line(text, "%s, %,d parameters, %s", model.architecture(), model.parameters(), model.source());
    for (BenchmarkRun run : runs) {
      line(text, "");
      line(text, "%s, %s", run.precision().name().toLowerCase(Locale.ROOT), run.device());
      run.checks()
          .forEach(
              (seconds, check) ->
                  line(
                      text,
                      "  checked: %s s, relative error %.1e (at most %.1e)",
                      seconds,
                      check.relativeError(),
                      check.bound()));
      if (run.isRefused()) {
        line(text, "  NOT MEASURED: %s", run.refused());
      } else {
        table(text, run);
      }
    }
    return text.toString();
  }

  private static void table(StringBuilder text, BenchmarkRun run) {
    String row = "  %-16s %9s %9s %9s %11s %11s %7s";
    line(text, row, "workload", "p50 ms", "p90 ms", "p99 ms", "clips/s", "audio s/s", "calls");
    for (Measurement m : run.measurements()) {
      line(
          text,
          "  %-16s %9.3f %9.3f %9.3f %11.1f %11.1f %7d",
          m.workload(),
          m.p50Ms(),
          m.p90Ms(),
          m.p99Ms(),
          m.clipsPerSecond(),
          m.audioSecondsPerSecond(),
          m.calls());
    }
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** For programs; times in milliseconds. */
  public String json() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.useDefaultPrettyPrinter();
      out.writeStartObject();
      out.writeStringField("program", version);
      out.writeStringField("time", time.toString());
      machine.write(out);
      out.writeObjectFieldStart("model");
      out.writeStringField("source", model.source().toString());
      out.writeStringField("architecture", model.architecture().toString());
      out.writeNumberField("parameters", model.parameters());
      out.writeEndObject();
      out.writeArrayFieldStart("runs");
      for (BenchmarkRun run : runs) {
        write(out, run);
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return text + "\n";
  }

  private static void write(JsonGenerator out, BenchmarkRun run) throws IOException {
    out.writeStartObject();
    out.writeStringField("precision", run.precision().name().toLowerCase(Locale.ROOT));
    out.writeStringField("device", run.device());
    out.writeStringField("refused", run.refused());
    out.writeArrayFieldStart("checks");
    for (Map.Entry<Double, Accuracy> check : run.checks().entrySet()) {
      out.writeStartObject();
      out.writeNumberField("seconds", check.getKey());
      out.writeNumberField("relative_error", check.getValue().relativeError());
      out.writeNumberField("bound", check.getValue().bound());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeArrayFieldStart("measurements");
    for (Measurement m : run.measurements()) {
      write(out, m);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, Measurement m) throws IOException {
    out.writeStartObject();
    out.writeStringField("workload", m.workload());
    out.writeNumberField("batch", m.batch());
    out.writeNumberField("audio_seconds", m.audioSeconds());
    out.writeNumberField("calls", m.calls());
    out.writeNumberField("elapsed_seconds", m.elapsedSeconds());
    out.writeNumberField("p50_ms", m.p50Ms());
    out.writeNumberField("p90_ms", m.p90Ms());
    out.writeNumberField("p99_ms", m.p99Ms());
    out.writeNumberField("fastest_ms", m.fastestMs());
    out.writeNumberField("slowest_ms", m.slowestMs());
    out.writeNumberField("clips_per_second", m.clipsPerSecond());
    out.writeNumberField("audio_seconds_per_second", m.audioSecondsPerSecond());
    out.writeEndObject();
  }
}
