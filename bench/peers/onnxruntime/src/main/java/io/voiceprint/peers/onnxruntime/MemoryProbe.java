package io.voiceprint.peers.onnxruntime;

import io.voiceprint.engine.Precision;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Measures the memory of each contestant in a process of its own. */
final class MemoryProbe {
  private final Path onnx;
  private final int threads;
  private final String workloads;

  MemoryProbe(Path onnx, int threads, List<Workload> workloads) {
    this.onnx = onnx;
    this.threads = threads;
    this.workloads =
        workloads.stream().map(w -> w.clips() + "x" + w.frames()).collect(Collectors.joining(","));
  }

  /**
   * Runs one contestant.
   *
   * @param name of the contestant
   * @param precision of Voiceprint, or {@code null} for ONNX Runtime
   * @throws IOException if the process fails
   */
  ResultFile.Memory measure(String name, Precision precision)
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
                "--onnx",
                onnx.toString(),
                "--threads",
                String.valueOf(threads),
                "--workloads",
                workloads));
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
          name,
          Double.parseDouble(numbers[0]),
          Double.parseDouble(numbers[1]),
          Double.parseDouble(numbers[2]));
    }
  }
}
