package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(
    value = OS.LINUX,
    architectures = "amd64",
    disabledReason = "CUDA is supported on Linux x86-64 only")
class CudaLibrariesTest {
  @TempDir Path folder;

  /** The two answers, without what the JVM itself has to say of such a library. */
  private List<String> devices() throws IOException {
    return ChildProcess.java(
            Map.of("VOICEPRINT_CUDA_PATH", folder.toString()), Probe.class, List.of())
        .lines()
        .filter(line -> !line.contains("stack guard") && !line.contains("execstack"))
        .toList();
  }

  @Test
  void aDriverThatIsNoLibraryIsNamedWithTheLoadersWords() throws IOException {
    Path driver = Files.writeString(folder.resolve("libcuda.so.1"), "not a library");
    String message = devices().get(0);
    assertTrue(message.startsWith("UNAVAILABLE: " + driver + " cannot be used: "), message);
    assertTrue(message.contains("file too short"), message);
    assertTrue(message.contains("through VOICEPRINT_CUDA_PATH"), message);
  }

  @Test
  void theSecondAskingGetsTheSameAnswer() throws IOException {
    Files.writeString(folder.resolve("libcuda.so.1"), "not a library");
    List<String> lines = devices();
    assertEquals(2, lines.size(), lines.toString());
    assertEquals(lines.get(0), lines.get(1));
  }

  /** Lists the devices twice, in a process of its own. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] none) {
      for (int i = 0; i < 2; i++) {
        try {
          System.out.println(CudaDevice.list());
        } catch (CudaException e) {
          System.out.println(e.kind() + ": " + e.getMessage());
        }
      }
    }
  }
}
