package io.voiceprint.cli;

import io.voiceprint.bench.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code voiceprint bench report}: results as a page and as charts. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = "Makes a page of tables and charts from files of results.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  Ours beside others', measured with --json:",
      "    voiceprint bench report ours.json pytorch.json --output report.html",
      "  The charts alone, as SVG:",
      "    voiceprint bench report ours.json --charts charts/",
      "",
      "The page loads nothing; it can be kept and sent as it is. Results are compared where",
      "network, clips, frames, callers and boundary are the same; bench/README.md says more.",
      "",
      "Exit code: 0 written, 1 a file cannot be read or is no file of results, 2 wrong usage."
    })
final class BenchReportCommand implements Callable<Integer> {
  private static final Path DEFAULT_PAGE = Path.of("report.html");

  private final Terminal terminal;

  @Mixin private Verbosity verbosity;

  @Parameters(arity = "1..*", paramLabel = "FILES", description = "Files of results (JSON).")
  private List<Path> files;

  @Option(
      names = "--output",
      paramLabel = "HTML",
      description = "The page. Without it and without --charts, report.html.")
  private Path output;

  @Option(
      names = "--charts",
      paramLabel = "DIR",
      description = "Write every chart as SVG into this folder.")
  private Path charts;

  BenchReportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    verbosity.apply(terminal);
    Report report = Report.read(files);
    Map<Path, String> written = new LinkedHashMap<>();
    if (output != null || charts == null) {
      written.put(output == null ? DEFAULT_PAGE : output, report.html());
    }
    if (charts != null) {
      report.charts().forEach((name, chart) -> written.put(charts.resolve(name), chart));
    }
    KeptFiles kept = new KeptFiles().addAll(files);
    for (Path target : written.keySet()) {
      kept.refuse(target);
    }
    for (Map.Entry<Path, String> each : written.entrySet()) {
      write(each.getKey(), each.getValue());
    }
    return ExitCode.OK;
  }

  private void write(Path target, String text) throws IOException {
    PartialFile.write(target, text);
    terminal.notice("wrote " + target);
  }
}
