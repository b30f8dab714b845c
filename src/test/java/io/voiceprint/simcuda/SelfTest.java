package io.voiceprint.simcuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The software CUDA device's own tests, which are C++ and run outside the JVM. */
class SelfTest {
  private static final Path SCRIPT = Path.of("src/test/native/simcuda/test/run.sh");
  private static final String BUILD = System.getenv().getOrDefault("VOICEPRINT_CUDA_PATH", "");

  @Test
  void passes() throws IOException, InterruptedException {
    requireBuilt();
    run(BUILD);
  }

  @Test
  void passesWithSanitizers() throws IOException, InterruptedException {
    requireBuilt();
    assumeTrue(hasSanitizers(), "the compiler has no AddressSanitizer");
    run("--asan", BUILD + "-asan");
  }

  private static void requireBuilt() {
    assumeTrue(
        Files.isDirectory(Path.of(BUILD, "objects")),
        "the software CUDA device was not built in VOICEPRINT_CUDA_PATH=" + BUILD);
  }

  private static void run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString()));
    command.addAll(List.of(arguments));
    Process process = start(command);
    String output = output(process);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains(" tests passed"), output);
  }

  private static boolean hasSanitizers() throws IOException {
    String compiler = System.getenv().getOrDefault("CXX", "g++");
    String file = output(start(List.of(compiler, "-print-file-name=libasan.so")));
    return Path.of(file.strip()).isAbsolute();
  }

  private static Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("SIMCUDA_"));
    return builder.start();
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
