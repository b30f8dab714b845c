package io.voiceprint.bench;

import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** Reads what a peer wrote, and checks its embeddings before its times are believed. */
final class PeerReport {
  private final String name;
  private final SpeakerModel model;
  private final List<Workload> workloads;
  private final References references;

  /**
   * @param workloads that it was given, in order
   */
  PeerReport(String name, SpeakerModel model, List<Workload> workloads, References references) {
    this.name = name;
    this.model = model;
    this.workloads = workloads;
    this.references = references;
  }

  /**
   * @return one run of the engine that the peer names
   * @throws IOException if the file is not what it should be; says what is wrong
   */
  List<EngineRun> read(Path file) throws IOException {
    JsonObject document = new JsonObject(name, JsonTree.read(file));
    if (!document.text("schema").equals(ReportTree.SCHEMA)
        || document.number("version") != ReportTree.VERSION) {
      throw new IOException(
          "wrote schema %s, version %s, but %s, version %d is expected"
              .formatted(
                  document.text("schema"),
                  document.number("version"),
                  ReportTree.SCHEMA,
                  ReportTree.VERSION));
    }
    List<JsonObject> told = document.objects("results");
    if (told.size() != workloads.size()) {
      throw new IOException(
          "wrote %d results for %d workloads".formatted(told.size(), workloads.size()));
    }
    List<Result> results = new ArrayList<>();
    String refused = "";
    for (int i = 0; i < workloads.size(); i++) {
      Result result = result(workloads.get(i), told.get(i));
      results.add(result);
      Result.Check check = result.check().orElseThrow();
      if (!check.passes() && refused.isEmpty()) {
        refused =
            "%s: the embedding differs from the reference engine's by %.1e, more than %.1e"
                .formatted(workloads.get(i).name(), check.relativeError(), check.bound());
      }
    }
    JsonObject first = told.get(0);
    Contestant contestant =
        new Contestant(
            first.text("engine"),
            first.text("device"),
            first.text("precision"),
            (int) first.number("threads"));
    return List.of(
        refused.isEmpty()
            ? EngineRun.of(contestant, results, memory(document))
            : EngineRun.refused(contestant, results, refused));
  }

  private Result result(Workload workload, JsonObject told) throws IOException {
    List<float[]> embeddings = told.matrix("embeddings");
    if (embeddings.size() != workload.batch()
        || embeddings.get(0).length != model.graph().embeddingSize()) {
      throw new IOException(
          "%s: wrote %d embeddings of %d values, but %d of %d are expected"
              .formatted(
                  workload.name(),
                  embeddings.size(),
                  embeddings.get(0).length,
                  workload.batch(),
                  model.graph().embeddingSize()));
    }
    Precision precision = precision(told.text("precision"));
    Result.Check check = references.check(workload, embeddings, precision);
    Latencies latencies = latencies(told.object("histogram"));
    long nanos = Math.round(told.number("elapsed_seconds") * 1e9);
    return Result.of(
        model,
        workload,
        Boundary.FEATURES,
        Optional.of(check),
        Optional.of(new Timing(latencies, latencies, nanos, 0)));
  }

  private static Precision precision(String name) throws IOException {
    try {
      return Precision.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IOException("wrote an unknown precision: " + name, e);
    }
  }

  private static Latencies latencies(JsonObject histogram) throws IOException {
    if (histogram.text("encoding").equals("hdr")) {
      return Latencies.decode(histogram.text("data"));
    }
    Latencies latencies = new Latencies();
    for (double ms : histogram.numbers("data")) {
      latencies.record(Math.round(ms * 1e6));
    }
    return latencies;
  }

  private static Optional<MemoryUse> memory(JsonObject document) throws IOException {
    if (!document.has("memory") || document.objects("memory").isEmpty()) {
      return Optional.empty();
    }
    JsonObject memory = document.objects("memory").get(0);
    return Optional.of(
        new MemoryUse(
            optional(memory, "peak_resident_mib"),
            optional(memory, "heap_used_mib").orElse(0),
            optional(memory, "heap_committed_mib").orElse(0),
            optional(memory, "device_mib")));
  }

  private static OptionalDouble optional(JsonObject object, String field) throws IOException {
    return object.has(field) ? OptionalDouble.of(object.number(field)) : OptionalDouble.empty();
  }
}
