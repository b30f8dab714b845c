package io.voiceprint.bench.report;

import io.voiceprint.bench.report.Results.Ceiling;
import io.voiceprint.bench.report.Results.Memory;
import io.voiceprint.bench.report.Results.Profile;
import io.voiceprint.bench.report.Results.Result;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a page says of one network: parts in order, each with a chart, a table, or both.
 *
 * @param id unique in the page
 * @param origin machines and commits, in one line
 */
record ModelSection(String model, String architecture, String id, String origin, List<Part> parts) {
  private static final String LATENCY = "latency";
  private static final String THROUGHPUT = "throughput";

  ModelSection {
    parts = List.copyOf(parts);
  }

  /**
   * One thing to look at.
   *
   * @param remark below the heading
   * @param chart may be {@code null}
   * @param table markup; may be empty
   */
  record Part(String heading, String remark, Chart chart, String table) {}

  static ModelSection of(String model, String id, List<Results> files, Colors colors) {
    List<Result> all = new ArrayList<>();
    for (Results file : files) {
      file.results().stream().filter(r -> r.model().equals(model)).forEach(all::add);
    }
    List<Part> parts = new ArrayList<>();
    refusals(all, parts);
    Set<String> boundaries = new LinkedHashSet<>();
    all.stream().filter(Result::isTimed).forEach(result -> boundaries.add(result.boundary()));
    for (String boundary : boundaries) {
      timed(id, boundary, SeriesList.of(model, boundary, files, colors), parts);
    }
    coldStarts(all, parts);
    memory(model, id, files, colors, parts);
    ceilings(model, files, parts);
    int profiles = 0;
    for (Results file : files) {
      for (Profile profile : file.profiles()) {
        if (profile.model().equals(model)) {
          profile(id + "-layers-" + ++profiles, profile, colors, parts);
        }
      }
    }
    String architecture =
        all.stream().map(Result::architecture).filter(a -> !a.isEmpty()).findFirst().orElse("");
    return new ModelSection(model, architecture, id, origin(model, files), parts);
  }

  private static String origin(String model, List<Results> files) {
    Set<String> origins = new LinkedHashSet<>();
    for (Results file : files) {
      if (file.speaksOf(model)) {
        origins.add(file.shortOrigin());
      }
    }
    return model + ": " + String.join("; ", origins);
  }

  List<Chart> charts() {
    return parts.stream().map(Part::chart).filter(chart -> chart != null).toList();
  }

  private static void refusals(List<Result> all, List<Part> parts) {
    List<Result> refused = all.stream().filter(r -> !r.refused().isEmpty()).toList();
    if (!refused.isEmpty()) {
      parts.add(
          new Part(
              "Refused",
              "These computed something else than they should; their speed means nothing.",
              null,
              Tables.refusals(refused)));
    }
  }

  private static void timed(String id, String boundary, SeriesList series, List<Part> parts) {
    String from = Tables.boundary(boundary);
    String ratios = Tables.ratios(series);
    if (!ratios.isEmpty()) {
      parts.add(
          new Part(
              "Ours against others, " + from,
              "Ratio of the medians; below 1 ours is faster.",
              null,
              ratios));
    }
    String prefix = id + "-" + boundary.replaceAll("[^a-z0-9]", "") + "-";
    SeriesList single = series.only(r -> r.workload().kind().equals(LATENCY));
    SeriesList lengths =
        series.only(
            r ->
                (r.workload().kind().equals(LATENCY) || r.workload().kind().equals(THROUGHPUT))
                    && r.workload().concurrency() == 1);
    if (!single.isEmpty()) {
      parts.add(
          new Part(
              "Latency of one clip, " + from,
              "The p99 of fewer than 100 calls is the slowest call.",
              LatencyChart.of(
                  prefix + LATENCY,
                  "Latency of one clip, " + from,
                  single.workloads(),
                  single.series()),
              ""));
    }
    if (lengths.workloads().size() > single.workloads().size()) {
      parts.add(
          new Part(
              "Throughput, " + from,
              "",
              ThroughputChart.of(
                  prefix + THROUGHPUT, "Throughput, " + from, lengths.byLength(), lengths.series()),
              ""));
    }
    Scaling.parts(prefix, from, single, lengths, parts);
    parts.add(new Part("All figures, " + from, "", null, Tables.results(series)));
  }

  private static void coldStarts(List<Result> all, List<Part> parts) {
    List<Result> starts = all.stream().filter(r -> !r.coldStarts().isEmpty()).toList();
    if (!starts.isEmpty()) {
      parts.add(
          new Part(
              "Cold start",
              "From the start of a process to its first embedding; medians of the processes.",
              null,
              Tables.coldStarts(starts)));
    }
  }

  private static void memory(
      String model, String id, List<Results> files, Colors colors, List<Part> parts) {
    List<Memory> memory = new ArrayList<>();
    for (Results file : files) {
      if (!file.results().isEmpty() && file.results().get(0).model().equals(model)) {
        memory.addAll(file.memory());
      }
    }
    List<Memory> shown = memory.stream().filter(m -> m.peakResident().isPresent()).toList();
    if (!shown.isEmpty()) {
      List<String> classes = shown.stream().map(each -> colors.of(each.engine())).toList();
      parts.add(
          new Part(
              "Memory",
              "",
              MemoryChart.of(id + "-memory", "Memory", shown, classes),
              Tables.memory(memory)));
    }
  }

  private static String least(Profile profile) {
    return profile
        .least()
        .map(
            least ->
                " At the ceilings a pass takes %s ms of arithmetic, %s ms of memory, %s ms of %s launches in a CUDA graph; it took %s ms."
                    .formatted(
                        Figures.of(least.arithmetic()),
                        Figures.of(least.memory()),
                        Figures.of(least.launches()),
                        Figures.plain(profile.launches()),
                        Figures.of(profile.passMs())))
        .orElse("");
  }

  private static void ceilings(String model, List<Results> files, List<Part> parts) {
    List<Ceiling> ceilings = new ArrayList<>();
    for (Results file : files) {
      if (file.speaksOf(model)) {
        ceilings.addAll(file.ceilings());
      }
    }
    if (!ceilings.isEmpty()) {
      parts.add(
          new Part(
              "Ceilings",
              "The most that was measured in the same run, of arithmetic in the engine and of its device.",
              null,
              Tables.ceilings(ceilings)));
    }
  }

  private static void profile(String id, Profile profile, Colors colors, List<Part> parts) {
    String title =
        "Layers of %s, one clip of %d frames".formatted(profile.engine(), profile.frames());
    parts.add(
        new Part(
            title,
            "Medians of %d passes; a layer that was fused into another has no time of its own.%s"
                .formatted(profile.passes(), least(profile)),
            LayerChart.of(id, title, profile, colors.of(profile.engine())),
            Tables.layers(profile)));
  }
}
