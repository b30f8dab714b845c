package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs what needs a process of its own: other environment variables, other native libraries. */
final class ChildProcess {
  private ChildProcess() {}

  /** A main class of the tests' class path; returns what it wrote. */
  static String java(Map<String, String> environment, Class<?> main, List<String> arguments)
      throws IOException {
    return java(environment, List.of(), main, arguments);
  }

  static String java(
      Map<String, String> environment, List<String> options, Class<?> main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(options);
    command.add(main.getName());
    command.addAll(arguments);
    return run(environment, command);
  }

  /** What a command wrote to its outputs; fails if it does not end well. */
  static String run(Map<String, String> environment, List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertEquals(0, process.waitFor(), () -> String.join(" ", command) + "\n" + output);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + command, e);
    }
    return output;
  }
}
