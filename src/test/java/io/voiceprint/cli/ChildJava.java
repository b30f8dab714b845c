package io.voiceprint.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Java process with the class path of the tests. */
final class ChildJava {
  private ChildJava() {}

  /**
   * Starts it in the project's folder.
   *
   * @param folder gets the files {@code out} and {@code err}
   * @param options for Java
   * @param command main class and arguments
   */
  static Process start(Path folder, List<String> options, String... command) throws IOException {
    return start(folder, System.getProperty("java.class.path"), options, command);
  }

  /** The same with another class path. */
  static Process start(Path folder, String classPath, List<String> options, String... command)
      throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.add("-XX:+UseSerialGC");
    line.add("-XX:TieredStopAtLevel=1");
    line.addAll(options);
    line.add("-cp");
    line.add(classPath);
    line.addAll(List.of(command));
    return new ProcessBuilder(line)
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }
}
