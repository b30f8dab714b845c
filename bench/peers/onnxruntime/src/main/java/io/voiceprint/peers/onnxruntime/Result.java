package io.voiceprint.peers.onnxruntime;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * One engine on one workload, as bench/README.md describes it.
 *
 * @param model that was measured
 * @param boundary between what the time was taken
 * @param check of the embeddings; {@code null} where the caller of this program does it
 * @param flop of a call; 0 if not known
 * @param embeddings of the last timed call, for the caller to check; empty to leave them out
 */
record Result(
    Engine engine,
    Model model,
    String boundary,
    Workload workload,
    Check check,
    Times times,
    long flop,
    List<float[]> embeddings) {
  static final String FEATURES = "features";
  static final String FILE = "file";

  /** Who computed. */
  record Engine(String name, String device, String precision, int threads) {

    static Engine of(Contestant contestant, int threads) {
      return new Engine(
          contestant.name(),
          contestant.device(),
          contestant.precision().name().toLowerCase(Locale.ROOT),
          threads);
    }
  }

  /**
   * A network.
   *
   * @param architecture in words; empty if not known
   * @param parameters 0 if not known
   */
  record Model(String name, String architecture, long parameters) {}

  /** What the embeddings were compared with, and the largest error that passes. */
  record Check(String against, double relativeError, double bound) {

    boolean passes() {
      return relativeError <= bound;
    }
  }

  void write(JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("engine", engine.name());
    out.writeStringField("device", engine.device());
    out.writeStringField("precision", engine.precision());
    out.writeNumberField("threads", engine.threads());
    out.writeObjectFieldStart("model");
    out.writeStringField("name", model.name());
    if (!model.architecture().isEmpty()) {
      out.writeStringField("architecture", model.architecture());
      out.writeNumberField("parameters", model.parameters());
    }
    out.writeEndObject();
    out.writeStringField("boundary", boundary);
    writeWorkload(out);
    if (check != null) {
      out.writeObjectFieldStart("check");
      out.writeStringField("against", check.against());
      out.writeNumberField("relative_error", check.relativeError());
      out.writeNumberField("bound", check.bound());
      out.writeEndObject();
    }
    if (check != null && !check.passes()) {
      out.writeStringField(
          "refused",
          String.format(
              Locale.ROOT,
              "the embeddings differ from what was expected by %.1e, more than %.1e",
              check.relativeError(),
              check.bound()));
    } else {
      writeTimes(out);
    }
    out.writeEndObject();
  }

  private void writeWorkload(JsonGenerator out) throws IOException {
    out.writeObjectFieldStart("workload");
    out.writeStringField("name", workload.name());
    out.writeStringField("kind", workload.kind());
    out.writeNumberField("clips", workload.clips());
    out.writeNumberField("seconds", workload.seconds());
    out.writeNumberField("frames", workload.frames());
    out.writeNumberField("audio_seconds", workload.clips() * workload.seconds());
    out.writeNumberField("concurrency", 1);
    out.writeEndObject();
  }

  private void writeTimes(JsonGenerator out) throws IOException {
    double[] millis = times.sortedMillis();
    double seconds = times.elapsedSeconds();
    double clips = (double) workload.clips() * times.calls();
    out.writeNumberField("calls", times.calls());
    out.writeNumberField("elapsed_seconds", seconds);
    out.writeObjectFieldStart("latency_ms");
    out.writeNumberField("mean", 1e3 * seconds / times.calls());
    out.writeNumberField("min", millis[0]);
    out.writeNumberField("p50", percentile(millis, 0.5));
    out.writeNumberField("p90", percentile(millis, 0.9));
    out.writeNumberField("p99", percentile(millis, 0.99));
    out.writeNumberField("p99_9", percentile(millis, 0.999));
    out.writeNumberField("max", millis[millis.length - 1]);
    out.writeEndObject();
    out.writeObjectFieldStart("histogram");
    out.writeStringField("encoding", "values");
    out.writeStringField("unit", "ms");
    out.writeFieldName("data");
    out.writeArray(millis, 0, millis.length);
    out.writeEndObject();
    out.writeNumberField("clips_per_second", clips / seconds);
    out.writeNumberField("audio_seconds_per_second", clips * workload.seconds() / seconds);
    if (flop > 0) {
      out.writeNumberField("flop", flop);
      out.writeNumberField("gflop_per_second", flop * 1e-9 * times.calls() / seconds);
    }
    if (!embeddings.isEmpty()) {
      out.writeArrayFieldStart("embeddings");
      for (float[] embedding : embeddings) {
        out.writeStartArray();
        for (float value : embedding) {
          out.writeNumber(value);
        }
        out.writeEndArray();
      }
      out.writeEndArray();
    }
  }

  /** The smallest time that at least this share of the calls did not exceed. */
  private static double percentile(double[] sorted, double share) {
    return sorted[Math.max((int) Math.ceil(share * sorted.length), 1) - 1];
  }
}
