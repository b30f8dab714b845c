package io.voiceprint.cuda;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The cache of the dynamic loader, {@code /etc/ld.so.cache}, in the format of glibc 2.2 and later
 * ({@code sysdeps/generic/dl-cache.h}): a header of 48 bytes, entries of 24 bytes (flags, offset of
 * the name, offset of the path, operating system, hardware capabilities), then the strings.
 */
final class LoaderCache {
  private static final byte[] MAGIC = "glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER_BYTES = 48;
  private static final int ENTRY_BYTES = 24;

  /** Flags of an x86-64 library for glibc: {@code FLAG_X8664_LIB64 | FLAG_ELF_LIBC6}. */
  private static final int X86_64 = 0x0303;

  private LoaderCache() {}

  /**
   * @return from name ({@code libcuda.so.1}) to path, the first entry of each name
   * @throws IOException if the file cannot be read or is not such a cache
   */
  static Map<String, Path> read(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    int start = indexOf(content, MAGIC);
    if (start < 0) {
      throw new IOException(file + ": no \"glibc-ld.so.cache1.1\" in it");
    }
    // All offsets count from the header, which an older cache may precede.
    ByteBuffer cache =
        ByteBuffer.wrap(content, start, content.length - start)
            .slice()
            .order(ByteOrder.LITTLE_ENDIAN);
    int room = (cache.capacity() - HEADER_BYTES) / ENTRY_BYTES;
    int entries = cache.capacity() < HEADER_BYTES ? -1 : cache.getInt(MAGIC.length);
    if (entries < 0 || entries > room) {
      throw new IOException(
          file + ": cut short or damaged, entries=" + entries + ", room for " + room);
    }
    Map<String, Path> paths = new HashMap<>();
    for (int i = 0; i < entries; i++) {
      int entry = HEADER_BYTES + i * ENTRY_BYTES;
      if (cache.getInt(entry) == X86_64) {
        paths.putIfAbsent(
            text(cache, cache.getInt(entry + 4), file),
            Path.of(text(cache, cache.getInt(entry + 8), file)));
      }
    }
    return paths;
  }

  private static String text(ByteBuffer cache, int offset, Path file) throws IOException {
    int end = offset;
    while (end >= 0 && end < cache.capacity() && cache.get(end) != 0) {
      end++;
    }
    if (end < 0 || end >= cache.capacity()) {
      throw new IOException(
          file + ": a string at " + offset + " runs out of " + cache.capacity() + " bytes");
    }
    byte[] bytes = new byte[end - offset];
    cache.get(offset, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int indexOf(byte[] content, byte[] wanted) {
    for (int i = 0; i + wanted.length <= content.length; i++) {
      int same = 0;
      while (same < wanted.length && content[i + same] == wanted[same]) {
        same++;
      }
      if (same == wanted.length) {
        return i;
      }
    }
    return -1;
  }
}
