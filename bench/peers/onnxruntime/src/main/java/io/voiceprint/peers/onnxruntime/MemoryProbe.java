package io.voiceprint.peers.onnxruntime;

import io.voiceprint.engine.Precision;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Measures the memory of a contestant with one workload in a process of its own. */
final class MemoryProbe {
  private final int threads;

  MemoryProbe(int threads) {
    this.threads = threads;
  }

  /**
   * Runs one contestant.
   *
   * @param name of the contestant
   * @param model that it loads
   * @param precision of Voiceprint, or {@code null} for ONNX Runtime
   * @throws IOException if the process fails
   */
  ResultFile.Memory measure(String name, Path model, Precision precision, Workload workload)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Commands.class.getName(),
                "alone",
                "--model",
                model.toString(),
                "--threads",
                String.valueOf(threads),
                "--workloads",
                workload.clips() + "x" + workload.frames()));
    if (precision != null) {
      command.addAll(List.of("--precision", precision.name()));
    }
    Process process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    try (InputStream out = process.getInputStream()) {
      String text = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
      int exit = process.waitFor();
      String[] numbers = text.split(" ");
      if (exit != 0 || numbers.length != 3) {
        throw new IOException(
            "the process that measures the memory of %s ended with %d and said \"%s\""
                .formatted(name, exit, text));
      }
      return new ResultFile.Memory(
          name + " on " + workload.name(),
          Double.parseDouble(numbers[0]),
          Double.parseDouble(numbers[1]),
          Double.parseDouble(numbers[2]));
    }
  }
}
