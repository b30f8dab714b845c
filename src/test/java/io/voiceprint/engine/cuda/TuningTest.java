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
import java.util.Locale;
import java.util.Map;
import java.util.Random;
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

  /** In some languages Java formats numbers with other digits, which no file name may depend on. */
  @Test
  void theFileIsTheSameInEveryLanguage(@TempDir Path folder) {
    Map<String, String> environment = Map.of("VOICEPRINT_CACHE", folder.toString());
    Path file = Tuning.file(environment, folder, card("A", 13000), "cudnn9");
    Locale usual = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("fa-IR"));
      assertEquals(file, Tuning.file(environment, folder, card("A", 13000), "cudnn9"));
    } finally {
      Locale.setDefault(usual);
    }
  }

  @Test
  void aDamagedFileIsNamedWithItsLine(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("tuning.txt");
    Files.writeString(file, "a = b\nnonsense\n");
    var thrown = assertThrows(IOException.class, () -> Tuning.load(file));
    assertTrue(thrown.getMessage().contains(file + ", line 2"), thrown.getMessage());
  }

  @Test
  void whatIsNoTextIsNamedToo(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("tuning.txt");
    byte[] bytes = new byte[300];
    new Random(3).nextBytes(bytes);
    Files.write(file, bytes);
    var thrown = assertThrows(IOException.class, () -> Tuning.load(file));
    assertTrue(thrown.getMessage().startsWith(file + ", line 1: "), thrown.getMessage());
    assertTrue(thrown.getMessage().contains("delete the file"), thrown.getMessage());
    assertEquals(1, thrown.getMessage().lines().count());
  }

  @Test
  void aFileOfAnyLengthIsNotReadToItsEnd(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("tuning.txt");
    Files.writeString(file, "a = b\n".repeat(200_000));
    var thrown = assertThrows(IOException.class, () -> Tuning.load(file));
    assertTrue(thrown.getMessage().contains(file + ": more than"), thrown.getMessage());
  }

  @Test
  void whatCannotBeReadOrWrittenSaysHowToNameAnotherFolder(@TempDir Path folder)
      throws IOException {
    Path occupied = Files.createDirectories(folder.resolve("tuning.txt"));
    Path belowAFile = Files.writeString(folder.resolve("file"), "").resolve("tuning.txt");
    for (Path file : List.of(occupied, belowAFile)) {
      var unread = assertThrows(IOException.class, () -> Tuning.load(file));
      assertTrue(unread.getMessage().startsWith(file + " cannot be read"), unread.getMessage());
    }
    var unwritten = assertThrows(IOException.class, () -> Tuning.NONE.save(belowAFile));
    String message = unwritten.getMessage();
    assertTrue(message.startsWith(belowAFile + " cannot be written"), message);
    assertTrue(message.contains("VOICEPRINT_CACHE"), message);
  }

  @Test
  void everyCardDriverAndLibraryHasAFileOfItsOwn() {
    Path home = Path.of("/home/someone");
    Path file = Tuning.file(Map.of(), home, card("NVIDIA L4", 12060), "cudnn91002");
    assertEquals(
        home.resolve(".cache/voiceprint/tuning/NVIDIA-L4-sm89-driver12060-cudnn91002-format1.txt"),
        file);
    assertNotEquals(file, Tuning.file(Map.of(), home, card("NVIDIA L4", 12080), "cudnn91002"));
    assertNotEquals(file, Tuning.file(Map.of(), home, card("NVIDIA L40", 12060), "cudnn91002"));
    assertNotEquals(file, Tuning.file(Map.of(), home, card("NVIDIA L4", 12060), "cudnn91003"));
    assertTrue(
        Tuning.file(Map.of("VOICEPRINT_CACHE", "/cache"), home, card("L4", 1), "")
            .startsWith("/cache/tuning"));
  }
}
