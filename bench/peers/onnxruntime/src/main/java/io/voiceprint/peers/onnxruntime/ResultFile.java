package io.voiceprint.peers.onnxruntime;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.management.OperatingSystemMXBean;
import io.voiceprint.bench.format.ResultsFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The file of results, as bench/README.md describes it.
 *
 * @param program its name and version
 * @param commit of the sources; empty if not known
 * @param command the command line
 */
record ResultFile(
    String program, String commit, String command, List<Result> results, List<Memory> memory) {
  /** The memory of a process with one engine. */
  record Memory(
      String engine, double peakResidentMib, double heapUsedMib, double heapCommittedMib) {}

  /**
   * Finds out, before minutes of measuring, whether a file can be written; leaves it as it is.
   *
   * @throws ParameterException if it cannot
   */
  static void check(Path file, CommandLine command) {
    try {
      boolean there = Files.exists(file);
      Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
      if (!there) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new ParameterException(command, "--json %s cannot be written: %s".formatted(file, e));
    }
  }

  void write(Path file) throws IOException {
    try (JsonGenerator out = new JsonFactory().createGenerator(file.toFile(), JsonEncoding.UTF8)) {
      out.useDefaultPrettyPrinter();
      out.writeStartObject();
      out.writeStringField("schema", ResultsFile.SCHEMA);
      out.writeNumberField("version", ResultsFile.VERSION);
      out.writeStringField("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
      out.writeStringField("program", program);
      if (!commit.isEmpty()) {
        out.writeStringField("commit", commit);
      }
      out.writeStringField("command", command);
      writeMachine(out);
      out.writeArrayFieldStart("results");
      for (Result result : results) {
        result.write(out);
      }
      out.writeEndArray();
      out.writeArrayFieldStart("memory");
      for (Memory each : memory) {
        out.writeStartObject();
        out.writeStringField("engine", each.engine());
        out.writeNumberField("peak_resident_mib", each.peakResidentMib());
        out.writeNumberField("heap_used_mib", each.heapUsedMib());
        out.writeNumberField("heap_committed_mib", each.heapCommittedMib());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }
  }

  private static void writeMachine(JsonGenerator out) throws IOException {
    out.writeObjectFieldStart("machine");
    out.writeStringField("processor", processor());
    out.writeNumberField("processors", Runtime.getRuntime().availableProcessors());
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      out.writeNumberField("memory_mib", system.getTotalMemorySize() >> 20);
    }
    out.writeStringField(
        "system",
        "%s %s %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    out.writeStringField(
        "runtime",
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
    out.writeNumberField("heap_mib", Runtime.getRuntime().maxMemory() >> 20);
    out.writeEndObject();
  }

  private static String processor() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
