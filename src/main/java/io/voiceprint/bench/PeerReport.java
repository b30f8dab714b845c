package io.voiceprint.bench;

import io.voiceprint.bench.format.Fields;
import io.voiceprint.bench.format.ResultsFile;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads what a peer wrote, and checks its embeddings before its times are believed. */
final class PeerReport {
  private static final String SOURCE = "its file of results";

  private final SpeakerModel model;
  private final List<Workload> workloads;
  private final References references;

  /**
   * @param workloads that it was given, in order
   */
  PeerReport(SpeakerModel model, List<Workload> workloads, References references) {
    this.model = model;
    this.workloads = workloads;
    this.references = references;
  }

  /**
   * @return one run of the engine that the peer names
   * @throws IOException if the file is not what it should be; says what is wrong
   */
  List<EngineRun> read(Path file) throws IOException {
    Fields document = ResultsFile.read(file, SOURCE, ResultsFile.Extent.EVERYTHING);
    List<Fields> told = document.objects("results");
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
    Fields first = told.get(0);
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

  private Result result(Workload workload, Fields told) throws IOException {
    List<float[]> embeddings = told.rows("embeddings").stream().map(PeerReport::floats).toList();
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

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static Precision precision(String name) throws IOException {
    try {
      return Precision.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IOException("wrote an unknown precision: " + name, e);
    }
  }

  private static Latencies latencies(Fields histogram) throws IOException {
    if (histogram.text("encoding").equals("hdr")) {
      return Latencies.decode(histogram.text("data"));
    }
    Latencies latencies = new Latencies();
    for (double ms : histogram.numbers("data")) {
      latencies.record(Math.round(ms * 1e6));
    }
    return latencies;
  }

  private static Optional<MemoryUse> memory(Fields document) throws IOException {
    List<Fields> all = document.objects("memory");
    if (all.isEmpty()) {
      return Optional.empty();
    }
    Fields memory = all.get(0);
    return Optional.of(
        new MemoryUse(
            memory.optionalNumber("peak_resident_mib"),
            memory.optionalNumber("heap_used_mib").orElse(0),
            memory.optionalNumber("heap_committed_mib").orElse(0),
            memory.optionalNumber("device_mib")));
  }
}
