package io.voiceprint.bench.report;

import io.voiceprint.bench.report.ModelSection.Part;
import io.voiceprint.bench.report.Results.Machine;
import java.util.ArrayList;
import java.util.List;

/** The page. */
final class Page {
  private static final String SECURITY =
      "default-src 'none'; style-src 'unsafe-inline'"; // Nothing is loaded, whatever a file holds.

  private Page() {}

  static String of(List<Results> files, List<ModelSection> sections) {
    Markup page = new Markup();
    page.add("<!DOCTYPE html>\n");
    page.open("html", "lang", "en").open("head");
    page.add("<meta charset=\"utf-8\">\n");
    page.open("meta", "http-equiv", "Content-Security-Policy", "content", SECURITY).add("\n");
    page.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    page.element("title", "Voiceprint benchmark");
    page.open("style").add(StyleSheet.PAGE).add(StyleSheet.CHART).close("style");
    page.close("head").open("body").open("main");
    page.element("h1", "Voiceprint benchmark");
    origin(page, files);
    for (ModelSection section : sections) {
      section(page, section);
    }
    return page.close("main").close("body").close("html").toString();
  }

  private static void origin(Markup page, List<Results> files) {
    long machines = files.stream().map(Results::machine).map(Page::machine).distinct().count();
    if (machines > 1) {
      page.element(
          "p",
          "These files come from different machines or runtimes; compare only what was measured on"
              + " the same.",
          "class",
          "warning");
    }
    Table table = new Table("file", "measured", "by", "commit", "on");
    for (Results file : files) {
      table.row(
          String.valueOf(file.file().getFileName()),
          file.time(),
          file.program(),
          file.shortCommit(),
          machine(file.machine()));
    }
    page.add(table.toString());
    page.open("details").element("summary", "commands");
    for (Results file : files) {
      page.open("p").text(file.file().getFileName() + ": ").element("code", file.command());
      page.close("p");
    }
    page.close("details");
  }

  private static String machine(Machine machine) {
    List<String> parts = new ArrayList<>();
    parts.add(machine.processor());
    machine.processors().ifPresent(n -> parts.add((long) n + " processors"));
    machine.memoryMib().ifPresent(mib -> parts.add(Figures.of(mib / 1024) + " GiB"));
    parts.add(machine.gpu());
    parts.add(machine.driver().isEmpty() ? "" : "driver " + machine.driver());
    parts.add(machine.system());
    parts.add(machine.runtime());
    return String.join(", ", parts.stream().filter(part -> !part.isEmpty()).toList());
  }

  private static void section(Markup page, ModelSection section) {
    page.element("h2", section.model(), "id", section.id());
    page.element("p", section.architecture(), "class", "soft");
    for (Part part : section.parts()) {
      page.element("h3", part.heading());
      if (!part.remark().isEmpty()) {
        page.element("p", part.remark(), "class", "soft");
      }
      if (part.chart() != null) {
        page.open("figure").add(part.chart().inline()).close("figure");
      }
      page.add(part.table());
    }
  }
}
