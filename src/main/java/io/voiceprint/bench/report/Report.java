package io.voiceprint.bench.report;

import io.voiceprint.bench.format.MalformedResultsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Results of one or more benchmarks, ours beside others', as a page and as charts. */
public final class Report {
  private final List<Results> files;
  private final List<ModelSection> sections;

  private Report(List<Results> files, List<ModelSection> sections) {
    this.files = files;
    this.sections = sections;
  }

  /**
   * Reads files of results.
   *
   * @throws MalformedResultsException if one is no file of results; the message names file and
   *     field
   * @throws IOException if one cannot be read
   */
  public static Report read(List<Path> files) throws IOException {
    List<Results> read = new ArrayList<>();
    for (Path file : files) {
      read.add(ResultsReader.read(file));
    }
    Colors colors = Colors.of(read);
    Map<String, ModelSection> sections = new LinkedHashMap<>();
    Set<String> ids = new LinkedHashSet<>();
    for (String model : models(read)) {
      sections.put(model, ModelSection.of(model, id(model, ids), read, colors));
    }
    return new Report(read, List.copyOf(sections.values()));
  }

  private static Set<String> models(List<Results> files) {
    Set<String> models = new LinkedHashSet<>();
    for (Results file : files) {
      file.results().forEach(result -> models.add(result.model()));
      file.profiles().forEach(profile -> models.add(profile.model()));
    }
    return models;
  }

  /** Safe as the name of a file and as an id, and not among {@code taken}, which it joins. */
  private static String id(String model, Set<String> taken) {
    int longest = 40;
    String letters = model.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String base = letters.substring(0, Math.min(longest, letters.length()));
    String id = base.replaceAll("^-+|-+$", "");
    id = id.isEmpty() ? "model" : id;
    for (int i = 2; !taken.add(id); i++) {
      id = base + "-" + i;
    }
    return id;
  }

  /** One page with everything in it; it loads nothing. */
  public String html() {
    return Page.of(files, sections);
  }

  /** The charts as SVG documents, by the names of files they can have. */
  public Map<String, String> charts() {
    Map<String, String> charts = new LinkedHashMap<>();
    for (ModelSection section : sections) {
      for (Chart chart : section.charts()) {
        charts.put(chart.id() + ".svg", chart.standalone(section.origin()));
      }
    }
    return charts;
  }
}
