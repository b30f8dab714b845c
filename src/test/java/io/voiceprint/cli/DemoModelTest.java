package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.golden.Golden;
import io.voiceprint.golden.Npy;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
}
