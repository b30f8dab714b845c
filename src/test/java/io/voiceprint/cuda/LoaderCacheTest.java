package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoaderCacheTest {
  private static final int X86_64 = 0x0303;
  private static final int I386 = 0x0003;

  @TempDir Path folder;

  /** An entry: flags, name and path. */
  private record Entry(int flags, String name, String path) {}

  static byte[] cache(Object... flagsNamePath) {
    int count = flagsNamePath.length / 3;
    ByteArrayOutputStream strings = new ByteArrayOutputStream();
    int stringsStart = 48 + 24 * count;
    ByteBuffer head = ByteBuffer.allocate(stringsStart).order(ByteOrder.LITTLE_ENDIAN);
    head.put("glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII)).putInt(count).position(48);
    for (int i = 0; i < count; i++) {
      Entry entry =
          new Entry(
              (Integer) flagsNamePath[3 * i],
              (String) flagsNamePath[3 * i + 1],
              (String) flagsNamePath[3 * i + 2]);
      head.putInt(entry.flags);
      for (String text : new String[] {entry.name, entry.path}) {
        head.putInt(stringsStart + strings.size());
        strings.writeBytes((text + "\0").getBytes(StandardCharsets.UTF_8));
      }
      head.putInt(0).putLong(0);
    }
    byte[] all = Arrays.copyOf(head.array(), stringsStart + strings.size());
    System.arraycopy(strings.toByteArray(), 0, all, stringsStart, strings.size());
    return all;
  }

  private Map<String, Path> read(byte[] content) throws IOException {
    return LoaderCache.read(Files.write(folder.resolve("cache"), content));
  }

  @Test
  void readsNamesAndPathsOfThisArchitecture() throws IOException {
    byte[] content =
        cache(
            I386,
            "libcuda.so.1",
            "/lib32/libcuda.so.1",
            X86_64,
            "libcuda.so.1",
            "/lib64/libcuda.so.1",
            X86_64,
            "libcuda.so.1",
            "/other/libcuda.so.1",
            X86_64,
            "libcublas.so.12",
            "/opt/cuda/libcublas.so.12");
    assertEquals(
        Map.of(
            "libcuda.so.1", Path.of("/lib64/libcuda.so.1"),
            "libcublas.so.12", Path.of("/opt/cuda/libcublas.so.12")),
        read(content));
  }

  @Test
  void readsBehindTheOldFormat() throws IOException {
    byte[] content = cache(X86_64, "liba.so", "/liba.so");
    byte[] both = new byte[content.length + 64];
    System.arraycopy("ld.so-1.7.0".getBytes(StandardCharsets.US_ASCII), 0, both, 0, 11);
    System.arraycopy(content, 0, both, 64, content.length);
    assertEquals(Map.of("liba.so", Path.of("/liba.so")), read(both));
  }

  @Test
  void everyCutFileIsAnErrorThatNamesIt() {
    byte[] content = cache(X86_64, "libcuda.so.1", "/lib64/libcuda.so.1");
    for (int length = 0; length < content.length; length++) {
      byte[] cut = Arrays.copyOf(content, length);
      Exception e = assertThrows(Exception.class, () -> read(cut));
      assertTrue(e instanceof IOException, "length " + cut.length + ": " + e);
      assertTrue(e.getMessage().contains("cache"), e.getMessage());
    }
  }

  @Test
  void readsTheCacheOfThisMachine() throws IOException {
    Path file = Path.of("/etc/ld.so.cache");
    assumeTrue(Files.isReadable(file), "this machine has no /etc/ld.so.cache");
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "entries of amd64 are read");
    Map<String, Path> libraries = LoaderCache.read(file);
    assertTrue(libraries.containsKey("libc.so.6"), libraries.keySet().toString());
    assertFalse(libraries.get("libc.so.6").toString().isEmpty());
  }
}
