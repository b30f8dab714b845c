package io.voiceprint.bench;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a measurement ran on; the GPU is named by the device of each run.
 *
 * @param processor its name, or "unknown" where the system does not tell
 * @param processors that this process may use
 * @param heapMegabytes most that Java may use
 */
public record Machine(
    String processor, int processors, String system, String java, long heapMegabytes) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** This one. */
  public static Machine here() {
    return new Machine(
        processorName(),
        Runtime.getRuntime().availableProcessors(),
        "%s %s %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")),
        "%s %s"
            .formatted(
                System.getProperty("java.vm.name"), System.getProperty("java.runtime.version")),
        Runtime.getRuntime().maxMemory() >> 20);
  }

  private static String processorName() {
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  void write(JsonGenerator out) throws IOException {
    out.writeObjectFieldStart("machine");
    out.writeStringField("processor", processor);
    out.writeNumberField("processors", processors);
    out.writeStringField("system", system);
    out.writeStringField("java", java);
    out.writeNumberField("heap_megabytes", heapMegabytes);
    out.writeEndObject();
  }

  /** One line for people. */
  @Override
  public String toString() {
    return "%s, %d processors in use, %s, %s, heap %d MB"
        .formatted(processor, processors, system, java, heapMegabytes);
  }
}
