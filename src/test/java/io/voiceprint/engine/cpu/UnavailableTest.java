package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.process.ChildProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
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

  private static String probe(Predicate<String> keep, String... options) throws IOException {
    List<String> all = new ArrayList<>(ChildProcess.classPath(keep));
    all.add("-Xmx64m");
    all.addAll(List.of(options));
    return ChildProcess.java(Map.of(), all, Probe.class, List.of());
  }

  @Test
  void withoutItsJars() throws IOException {
    OneDnnAvailable.assume();
    String reason = probe(entry -> !entry.contains("bytedeco"));
    assertTrue(reason.contains("must be on the class path"), reason);
  }

  @Test
  void withoutTheNativePartsOfItsJars() throws IOException {
    OneDnnAvailable.assume();
    String reason = probe(entry -> !(entry.contains("dnnl") && entry.contains("linux-x86_64")));
    assertTrue(reason.contains("oneDNN does not load"), reason);
  }

  @Test
  void onAnotherPlatform() throws IOException {
    assertEquals(
        "oneDNN is used on Linux x86-64 only, this is Linux aarch64",
        probe(entry -> true, "-Dos.name=Linux", "-Dos.arch=aarch64"));
  }

  @Test
  void elseItIsAvailable() throws IOException {
    OneDnnAvailable.assume();
    assertEquals("available", probe(entry -> true));
  }
}
