package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The kernels' own checks (kernels/dev), built with AddressSanitizer and
 * UndefinedBehaviorSanitizer: an access outside an array by even one element fails, and each run is
 * compared with a CPU version.
 */
class KernelSanitizerTest {

  @Test
  void everyFamilyIsClean() throws IOException, InterruptedException {
    assumeTrue(present("make") && present("g++"), "the sanitizers need make and g++");
    Path out = Path.of("target/kernels-dev").toAbsolutePath();
    int jobs = Runtime.getRuntime().availableProcessors();
    var unused =
        ChildProcess.run(
            Map.of(),
            List.of("make", "-C", "kernels/dev", "-j" + jobs, "OUT=" + out, "check-asan"));
  }

  @Test
  void everyFamilyIsChecked() throws IOException {
    try (var shipped = Files.list(Path.of("kernels"));
        var checked = Files.list(Path.of("kernels/dev"))) {
      assertEquals(sources(shipped.toList()), sources(checked.toList()));
    }
  }

  private static List<String> sources(List<Path> files) {
    return files.stream()
        .map(file -> file.getFileName().toString())
        .filter(name -> name.endsWith(".cu"))
        .sorted()
        .toList();
  }

  private static boolean present(String command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException notInstalled) {
      return false;
    }
  }
}
