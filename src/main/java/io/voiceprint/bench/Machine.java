package io.voiceprint.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a measurement ran on; the GPU is named by the device of each engine.
 *
 * @param processor its name, or "unknown" where the system does not tell
 * @param processors that this process may use
 * @param memory of the machine in MiB, where the system tells
 * @param heap most that Java may use, in MiB
 */
public record Machine(
    String processor,
    int processors,
    Optional<Long> memory,
    String system,
    String java,
    long heap) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Path MEMORY_INFO = Path.of("/proc/meminfo");

  /** This one. */
  public static Machine here() {
    return new Machine(
        value(CPU_INFO, "model name").orElse("unknown"),
        Runtime.getRuntime().availableProcessors(),
        value(MEMORY_INFO, "MemTotal").map(kib -> Long.parseLong(kib.split(" ", -1)[0]) >> 10),
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

  private static Optional<String> value(Path file, String key) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** One line for people. */
  @Override
  public String toString() {
    return "%s, %d processors in use, %s, %s, heap %d MiB"
        .formatted(processor, processors, system, java, heap);
  }
}
