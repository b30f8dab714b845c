package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.cuda.CudaDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuningTest {
  private static CudaDevice card(String name, int driver) {
    return new CudaDevice(0, name, 89, 1L << 30, 58, 101376, 102400, true, driver);
  }

  @Test
  void whatWasSavedIsLoaded(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a").resolve("tuning.txt");
    assertEquals(Tuning.NONE, Tuning.load(file));
    Tuning tuning = new Tuning(Map.of("conv FP16 F80 T/1 I32 O32 k3 s1", "kernel-mma", "b", "c"));
    tuning.save(file);
    assertEquals(tuning, Tuning.load(file));
    Tuning more = tuning.with(new Tuning(Map.of("b", "d")));
    more.save(file);
    assertEquals("d", Tuning.load(file).choices().get("b"));
    try (var files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList(), "nothing is left aside");
    }
  }

  @Test
  void aDamagedFileIsNamedWithItsLine(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("tuning.txt");
    Files.writeString(file, "a = b\nnonsense\n");
    var thrown = assertThrows(IOException.class, () -> Tuning.load(file));
    assertTrue(thrown.getMessage().contains("line 2"), thrown.getMessage());
  }

  @Test
  void everyCardDriverAndLibraryHasAFileOfItsOwn() {
    Path home = Path.of("/home/someone");
    Path file = Tuning.file(Map.of(), home, card("NVIDIA L4", 12060), "cudnn91002");
    assertEquals(
        home.resolve(".cache/voiceprint/tuning/NVIDIA-L4-sm89-driver12060-cudnn91002.txt"), file);
    assertNotEquals(file, Tuning.file(Map.of(), home, card("NVIDIA L4", 12080), "cudnn91002"));
    assertNotEquals(file, Tuning.file(Map.of(), home, card("NVIDIA L40", 12060), "cudnn91002"));
    assertNotEquals(file, Tuning.file(Map.of(), home, card("NVIDIA L4", 12060), "cudnn91003"));
    assertTrue(
        Tuning.file(Map.of("VOICEPRINT_CACHE", "/cache"), home, card("L4", 1), "")
            .startsWith("/cache/tuning"));
  }
}
