package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.simcuda.SimCuda;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two software CUDA devices behind one encoder, in a process of their own. */
class SeveralGpusOnDeviceTest {
  @BeforeEach
  void device() {
    SimCuda.require();
  }

  @Test
  void twoGpusShareTheWorkOfOneEncoder() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SeveralGpusProgram.class.getName())
            .redirectErrorStream(true);
    builder.environment().put("SIMCUDA_DEVICES", "2");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    List<String> lines = output.lines().toList();
    List<String> engines = lines.stream().filter(line -> line.startsWith("cuda, ")).toList();
    assertEquals(2, engines.size(), output);
    assertEquals(1, engines.get(0).split("; ", -1).length, output);
    String[] both = engines.get(1).split("; ", -1);
    assertEquals(2, both.length, output);
    assertTrue(both[1].equals(engines.get(0)) && !both[0].equals(both[1]), output);
    for (int i = 0; i < 4; i++) {
      assertTrue(lines.contains("clip " + i + " same"), output);
    }
    assertTrue(
        lines.stream().anyMatch(line -> line.startsWith("device cuda: GPU 7 cannot be used")),
        output);
  }
}
