package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.golden.Golden;
import io.voiceprint.golden.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DemoModelTest {
  private static final double BOUND = 1e-4;

  @Test
  void givesTheReferenceEmbeddingsOfItsSamples() {
    CliRun run = CliRun.of("embed", CliRun.DEMO.resolve("samples"));
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(6, run.outLines().size());
    for (Map<String, Object> result : run.objects()) {
      Path wav = Path.of(result.get("file").toString());
      Npy reference =
          Npy.read(CliRun.DEMO.resolve("embeddings").resolve(wav.getFileName() + ".npy"));
      double error = Golden.relativeL2(Json.floats(result.get("embedding")), reference.data());
      assertTrue(error <= BOUND, () -> wav + ": relative error " + error);
    }
  }

  @Test
  void isLookedForWhereTheLauncherSays(@TempDir Path home) throws IOException {
    Path wav = Wavs.noise(home.resolve("a.wav"), 1);
    System.setProperty("voiceprint.home", home.toString());
    try {
      CliRun missing = CliRun.of("embed", wav);
      assertEquals(3, missing.exitCode());
      assertEquals("", missing.out());
      assertEquals(1, missing.errLines().size(), missing.err());
      assertTrue(missing.err().contains("--model"), missing.err());

      Path place = home.resolve("weights/demo/eres2net_demo.safetensors");
      Files.createDirectories(place.getParent());
      Files.copy(CliRun.DEMO_MODEL, place);
      assertEquals(0, CliRun.of("embed", wav).exitCode());
    } finally {
      System.clearProperty("voiceprint.home");
    }
  }
}
