package io.voiceprint.audio;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Takes Ogg files apart and puts them together; RFC 3533, section 6. */
final class OggFile {
  private static final int HEADER_BYTES = 27;

  private OggFile() {}

  /** Makes the page checksums right again, up to where the file is no Ogg any more. */
  static void repairChecksums(byte[] file) {
    ByteBuffer bytes = littleEndian(file);
    int at = 0;
    for (int length = pageBytes(file, at); length > 0; length = pageBytes(file, at)) {
      bytes.putInt(at + 22, 0);
      int crc = 0;
      for (int i = at; i < at + length; i++) {
        crc ^= file[i] << 24;
        for (int bit = 0; bit < 8; bit++) {
          crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
        }
      }
      bytes.putInt(at + 22, crc);
      at += length;
    }
  }

  /** Length of the whole page there; 0 if there is none. */
  private static int pageBytes(byte[] file, int at) {
    if (at + HEADER_BYTES > file.length || littleEndian(file).getInt(at) != 0x5367674f) {
      return 0;
    }
    int segments = file[at + 26] & 0xff;
    int length = HEADER_BYTES + segments;
    for (int i = 0; i < segments && at + HEADER_BYTES + i < file.length; i++) {
      length += file[at + HEADER_BYTES + i] & 0xff;
    }
    return at + length <= file.length ? length : 0;
  }

  /** Pages of a file, as those of a stream of another number. */
  static List<byte[]> pages(byte[] file, int serial) {
    List<byte[]> pages = new ArrayList<>();
    int at = 0;
    for (int length = pageBytes(file, at); length > 0; length = pageBytes(file, at)) {
      byte[] page = Arrays.copyOfRange(file, at, at + length);
      littleEndian(page).putInt(14, serial);
      repairChecksums(page);
      pages.add(page);
      at += length;
    }
    return pages;
  }

  /** The page, no longer said to be the last of its stream. */
  static byte[] withoutEnd(byte[] page) {
    byte[] open = page.clone();
    open[5] &= ~4;
    repairChecksums(open);
    return open;
  }

  static byte[] join(List<byte[]> parts) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    parts.forEach(file::writeBytes);
    return file.toByteArray();
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
