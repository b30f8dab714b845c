package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Where oneDNN does not load, the reason is told and nothing is thrown; each in a JVM of its own.
 */
class UnavailableTest {
  /** Prints the reason. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] arguments) {
      System.out.print(CpuEngine.unavailableReason().orElse("available"));
    }
  }

  private static String probe(Predicate<String> keep, String... options)
      throws IOException, InterruptedException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(keep)
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.add("-Xmx64m");
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", classPath, Probe.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  @Test
  void withoutItsJars() throws IOException, InterruptedException {
    OneDnnAvailable.assume();
    String reason = probe(entry -> !entry.contains("bytedeco"));
    assertTrue(reason.contains("must be on the class path"), reason);
  }

  @Test
  void withoutTheNativePartsOfItsJars() throws IOException, InterruptedException {
    OneDnnAvailable.assume();
    String reason = probe(entry -> !(entry.contains("dnnl") && entry.contains("linux-x86_64")));
    assertTrue(reason.contains("oneDNN does not load"), reason);
  }

  @Test
  void onAnotherPlatform() throws IOException, InterruptedException {
    assertEquals(
        "oneDNN is used on Linux x86-64 only, this is Linux aarch64",
        probe(entry -> true, "-Dos.name=Linux", "-Dos.arch=aarch64"));
  }

  @Test
  void elseItIsAvailable() throws IOException, InterruptedException {
    OneDnnAvailable.assume();
    assertEquals("available", probe(entry -> true));
  }
}
