package io.voiceprint.packaged;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of the program as users have it: the launcher, and the runnable jar that was just built.
 *
 * @param exitCode that it ended with
 * @param out standard output
 * @param err standard error
 */
record Launched(int exitCode, String out, String err) {
  /** Starts it; standard output and standard error go to files of these names in the folder. */
  static Process start(Path folder, Object... arguments) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of("voiceprint").toAbsolutePath().toString());
    for (Object argument : arguments) {
      line.add(argument.toString());
    }
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectOutput(Redirect.to(folder.resolve("out").toFile()))
            .redirectError(Redirect.PIPE);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    // Whatever this machine has: the CPU engine is what the jar must bring.
    builder.environment().remove("VOICEPRINT_CUDA_PATH");
    return builder.start();
  }

  static Launched run(Path folder, Object... arguments) throws Exception {
    Process process = start(folder, arguments);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Launched(process.waitFor(), Files.readString(folder.resolve("out")), err);
  }

  /** For messages. */
  String all() {
    return "exit code %d%n%s%n%s".formatted(exitCode, out, err);
  }
}
