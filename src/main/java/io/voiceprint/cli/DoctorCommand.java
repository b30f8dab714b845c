package io.voiceprint.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.voiceprint.Diagnosis;
import io.voiceprint.Diagnosis.Finding;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code voiceprint doctor}: what this machine has of CUDA, and whether the numbers are right. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description =
        "Shows the GPU, the driver and each library found or missing, and tests the GPU's numbers.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  For people, and for programs:",
      "    voiceprint doctor",
      "    voiceprint doctor --json",
      "",
      "Exit code: 0 the GPU works, 2 wrong usage, 3 there is no usable GPU or its numbers are wrong."
    })
final class DoctorCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private Verbosity verbosity;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  DoctorCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    verbosity.apply(terminal);
    Diagnosis diagnosis = Diagnosis.run();
    terminal.out().print(json ? json(diagnosis) : text(diagnosis));
    return diagnosis.gpuWorks() ? ExitCode.OK : ExitCode.UNUSABLE;
  }

  private static String text(Diagnosis diagnosis) {
    StringBuilder text = new StringBuilder();
    for (Finding finding : diagnosis.findings()) {
      text.append(
          "%-10s%-10s%s%n"
              .formatted(subject(finding), finding.good() ? "ok" : "NOT OK", finding.name()));
      finding
          .details()
          .forEach(
              (name, value) -> {
                if (!value.isEmpty()) {
                  text.append("    %-20s%s%n".formatted(name, value));
                }
              });
      if (!finding.problem().isEmpty()) {
        text.append("    %-20s%s%n".formatted("problem", finding.problem()));
      }
    }
    text.append(
        diagnosis.gpuWorks()
            ? "The GPU works.%n".formatted()
            : "No GPU can be used; the reference engine works everywhere.%n".formatted());
    return text.toString();
  }

  private static String subject(Finding finding) {
    return finding.subject().name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String json(Diagnosis diagnosis) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.useDefaultPrettyPrinter();
      out.writeStartObject();
      out.writeBooleanField("gpu_works", diagnosis.gpuWorks());
      out.writeArrayFieldStart("findings");
      for (Finding finding : diagnosis.findings()) {
        out.writeStartObject();
        out.writeStringField("subject", subject(finding));
        out.writeStringField("name", finding.name());
        out.writeBooleanField("good", finding.good());
        for (Map.Entry<String, String> detail : finding.details().entrySet()) {
          out.writeStringField(detail.getKey(), detail.getValue());
        }
        out.writeStringField("problem", finding.problem());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return text + "\n";
  }
}
