package io.voiceprint.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Runs what needs a process of its own: other environment variables, class paths or native
 * libraries, exit codes, signals. All run in the project's folder.
 */
public final class ChildProcess {
  private ChildProcess() {}

  /** A main class of the tests' class path; returns what it wrote. */
  public static String java(Map<String, String> environment, Class<?> main, List<String> arguments)
      throws IOException {
    return java(environment, List.of(), main, arguments);
  }

  /**
   * The same with options.
   *
   * @param options for Java; a class path among them takes the place of the tests'
   */
  public static String java(
      Map<String, String> environment, List<String> options, Class<?> main, List<String> arguments)
      throws IOException {
    return run(environment, command(options, main, arguments));
  }

  /** What a command wrote to its outputs; fails if it does not end well. */
  public static String run(Map<String, String> environment, List<String> command)
      throws IOException {
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

  /**
   * Starts a main class of the tests' class path.
   *
   * @param folder gets the files {@code out} and {@code err}
   * @param options as for {@link #java(Map, List, Class, List)}
   */
  public static Process start(
      Path folder, List<String> options, Class<?> main, List<String> arguments) throws IOException {
    return new ProcessBuilder(command(options, main, arguments))
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  /** Options for Java: of the tests' class path, only these entries. */
  public static List<String> classPath(Predicate<String> kept) {
    return List.of(
        "-cp",
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(kept)
            .collect(Collectors.joining(File.pathSeparator)));
  }

  private static List<String> command(List<String> options, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(classPath(entry -> true));
    command.addAll(options);
    command.add(main.getName());
    command.addAll(arguments);
    return command;
  }
}
