package io.voiceprint.bench.report;

import io.voiceprint.bench.report.Results.Result;
import io.voiceprint.bench.report.Results.Workload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The timed results of one network at one boundary, by engine, ours first. An engine that measured
 * the same in several files is shown once for each file.
 */
record SeriesList(List<Series> series) {
  SeriesList {
    series = List.copyOf(series);
  }

  static SeriesList of(String model, String boundary, List<Results> files, Colors colors) {
    Map<String, List<Result>> byLabel = new LinkedHashMap<>();
    for (Results file : files) {
      for (Result result : file.results()) {
        if (result.model().equals(model)
            && result.boundary().equals(boundary)
            && result.isTimed()) {
          String label =
              isRepeated(result, files)
                  ? result.engine() + " (" + name(file.file(), files) + ")"
                  : result.engine();
          byLabel.computeIfAbsent(label, key -> new ArrayList<>()).add(result);
        }
      }
    }
    List<Series> ours = new ArrayList<>();
    List<Series> others = new ArrayList<>();
    byLabel.forEach(
        (label, results) ->
            (Series.isOurs(label) ? ours : others)
                .add(new Series(label, colors.of(label), results)));
    ours.addAll(others);
    return new SeriesList(ours);
  }

  /** Whether several files have it. */
  private static boolean isRepeated(Result result, List<Results> files) {
    return files.stream()
            .filter(file -> file.results().stream().anyMatch(other -> isSame(other, result)))
            .count()
        > 1;
  }

  private static boolean isSame(Result a, Result b) {
    return a.isTimed()
        && b.isTimed()
        && a.engine().equals(b.engine())
        && a.model().equals(b.model())
        && a.boundary().equals(b.boundary())
        && a.workload().isSameAs(b.workload());
  }

  /** As short as it can be without being another file's. */
  private static String name(Path file, List<Results> files) {
    String last = String.valueOf(file.getFileName());
    long same =
        files.stream()
            .filter(other -> String.valueOf(other.file().getFileName()).equals(last))
            .count();
    return same == 1 ? last : file.toString();
  }

  /** Without the results that do not fit, and without series that have none left. */
  SeriesList only(Predicate<Result> fits) {
    List<Series> kept = new ArrayList<>();
    for (Series each : series) {
      List<Result> results = each.results().stream().filter(fits).toList();
      if (!results.isEmpty()) {
        kept.add(new Series(each.label(), each.color(), results));
      }
    }
    return new SeriesList(kept);
  }

  boolean isEmpty() {
    return series.isEmpty();
  }

  /** What was measured, shorter clips before longer, fewer before more. */
  List<Workload> workloads() {
    List<Workload> workloads = new ArrayList<>();
    for (Series each : series) {
      for (Result result : each.results()) {
        if (workloads.stream().noneMatch(result.workload()::isSameAs)) {
          workloads.add(result.workload());
        }
      }
    }
    workloads.sort(
        Comparator.comparing(Workload::kind)
            .thenComparing(Workload::frames)
            .thenComparing(Workload::clips)
            .thenComparing(Workload::concurrency)
            .thenComparing(Workload::rate));
    return workloads;
  }

  /** The workloads of each length, by their number of clips. */
  List<List<Workload>> byLength() {
    Map<Integer, List<Workload>> lengths = new TreeMap<>();
    for (Workload workload : workloads()) {
      lengths.computeIfAbsent(workload.frames(), key -> new ArrayList<>()).add(workload);
    }
    lengths.values().forEach(each -> each.sort(Comparator.comparing(Workload::clips)));
    return List.copyOf(lengths.values());
  }
}
