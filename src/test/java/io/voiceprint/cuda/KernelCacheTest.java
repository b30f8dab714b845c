package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, disabledReason = "CUDA and its cache are for Linux")
class KernelCacheTest {
  @TempDir Path parent;

  private static byte[] image(int bytes) {
    byte[] image = new byte[bytes];
    new Random(bytes).nextBytes(image);
    return image;
  }

  @Test
  void givesBackWhatWasPut() throws IOException {
    Path folder = parent.resolve("a/kernels");
    for (int bytes : new int[] {1, 31, 32, 33, 1021}) {
      new KernelCache(folder).put("k" + bytes, image(bytes));
    }
    for (int bytes : new int[] {1, 31, 32, 33, 1021}) {
      assertArrayEquals(image(bytes), new KernelCache(folder).get("k" + bytes).orElseThrow());
    }
    assertEquals(Optional.empty(), new KernelCache(folder).get("other"));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(5, files.count(), "no half-written file is left");
    }
  }

  @Test
  void isForItsOwnerOnly() throws IOException {
    Path folder = parent.resolve("kernels");
    new KernelCache(folder).put("key", image(3));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    IOException e = assertThrows(IOException.class, () -> new KernelCache(folder));
    assertTrue(e.getMessage().contains(folder + " is writable by others"), e.getMessage());
  }

  @Test
  void isNobodyElses() throws IOException {
    Path folder = Files.createDirectory(parent.resolve("kernels"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    try {
      Files.setAttribute(folder, "unix:uid", 4711);
    } catch (IOException e) {
      assumeTrue(false, "only root can give a folder away");
    }
    IOException e = assertThrows(IOException.class, () -> new KernelCache(folder));
    assertEquals(folder + " belongs to another user; set VOICEPRINT_CACHE", e.getMessage());
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path folder = Files.writeString(parent.resolve("file"), "").resolve("kernels");
    IOException e = assertThrows(IOException.class, () -> new KernelCache(folder));
    assertTrue(e.getMessage().startsWith(folder + " cannot be made"), e.getMessage());
    assertTrue(e.getMessage().contains("VOICEPRINT_CACHE"), e.getMessage());
  }

  @Test
  void aDamagedFileCountsAsAbsent() throws IOException {
    KernelCache cache = new KernelCache(parent.resolve("kernels"));
    cache.put("key", image(33));
    Path file = parent.resolve("kernels/key");
    byte[] good = Files.readAllBytes(file);
    for (int length = 0; length < good.length; length++) {
      Files.write(file, Arrays.copyOf(good, length));
      assertEquals(Optional.empty(), cache.get("key"), "cut to " + length);
    }
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Files.write(file, bad);
      assertEquals(Optional.empty(), cache.get("key"), "flipped at " + at);
    }
  }

  @Test
  void putReplaces() throws IOException {
    KernelCache cache = new KernelCache(parent.resolve("kernels"));
    cache.put("key", image(3));
    cache.put("key", image(127));
    assertArrayEquals(image(127), cache.get("key").orElseThrow());
  }

  @Test
  void whatWasNotUsedForLongestGoesWhenThereIsTooMuch() throws IOException {
    Path folder = parent.resolve("kernels");
    long file = 100 + 32; // an image and its digest
    KernelCache cache = new KernelCache(folder, 3 * file);
    String[] keys = {"a", "b", "c"};
    for (int i = 0; i < keys.length; i++) {
      cache.put(keys[i], image(100));
      // Long ago, in this order: two files of a test would have the same time.
      Files.setLastModifiedTime(folder.resolve(keys[i]), FileTime.fromMillis(1000L * (i + 1)));
    }
    assertTrue(cache.get("a").isPresent(), "three files fit; this one was used now");
    cache.put("d", image(100));
    assertEquals(Optional.empty(), cache.get("b"));
    for (String key : List.of("a", "c", "d")) {
      assertTrue(cache.get(key).isPresent(), key);
    }
    cache.put("large", image(1000));
    assertTrue(cache.get("large").isPresent(), "what is put now stays, however large");
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(folder.resolve("large")), files.toList());
    }
  }

  @Test
  void folderFollowsTheEnvironment() {
    Path home = Path.of("/home/me");
    assertEquals(
        Path.of("/home/me/.cache/voiceprint/kernels"), KernelCache.defaultFolder(Map.of(), home));
    assertEquals(
        Path.of("/x/voiceprint/kernels"),
        KernelCache.defaultFolder(Map.of("XDG_CACHE_HOME", "/x"), home));
    assertEquals(
        Path.of("/v/kernels"),
        KernelCache.defaultFolder(Map.of("XDG_CACHE_HOME", "/x", "VOICEPRINT_CACHE", "/v"), home));
  }
}
