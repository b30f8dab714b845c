package io.voiceprint.checkpoint;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The central directory of a zip archive, and where in the file its stored entries lie.
 *
 * <p>Written from the format's specification (PKWARE APPNOTE.TXT, sections 4.3.7 local header,
 * 4.3.12 central directory, 4.3.14 to 4.3.16 end records, 4.5.3 zip64 extra field). Entries are
 * used in place, so a compressed or encrypted one is refused; PyTorch stores all of them.
 */
final class ZipDirectory {
  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END64 = 0x06064b50;
  private static final int END64_LOCATOR = 0x07064b50;
  private static final int END_BYTES = 22;
  private static final int END64_BYTES = 56;
  private static final int LOCATOR_BYTES = 20;
  private static final int CENTRAL_BYTES = 46;
  private static final int LOCAL_BYTES = 30;
  private static final int MAX_COMMENT = 0xffff;

  /** About a hundred thousand records; networks have hundreds of tensors. */
  private static final int MAX_DIRECTORY_BYTES = 16 << 20;

  private static final int ZIP64_FIELD = 1;
  private static final long MAX32 = 0xffffffffL;

  private record Entry(int flags, int method, long crc, long stored, long size, long header) {}

  private final WeightFile file;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private ZipDirectory(WeightFile file) {
    this.file = file;
  }

  static boolean looksLikeZip(WeightFile file) throws CheckpointException {
    return file.size() >= 4 && file.slice(0, 4).getInt() == LOCAL;
  }

  /**
   * Reads and checks the directory.
   *
   * @throws CheckpointException if it is missing, contradicts itself or points outside the file
   */
  static ZipDirectory read(WeightFile file) throws CheckpointException {
    ZipDirectory directory = new ZipDirectory(file);
    directory.readEnd();
    return directory;
  }

  /** Names of the entries, in the directory's order. */
  Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  /**
   * The entry of that name.
   *
   * @throws CheckpointException if there is none, or it cannot be used in place
   */
  FileRecord record(String name) throws CheckpointException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw file.failure("the archive has no record " + name);
    }
    if ((entry.flags & 1) != 0) {
      throw file.failure("record " + name + " is encrypted");
    }
    if (entry.method != 0) {
      throw file.failure(
          "record "
              + name
              + " is compressed (method "
              + entry.method
              + "); save again with torch.save, which stores records uncompressed");
    }
    ByteBuffer header = file.slice(entry.header, LOCAL_BYTES);
    long start = entry.header + LOCAL_BYTES + u16(header, 26) + u16(header, 28);
    if (header.getInt(0) != LOCAL
        || u16(header, 8) != entry.method
        || !file.contains(start, entry.size)
        || !nameAt(entry.header, header).equals(name)) {
      throw file.failure("damaged zip: record " + name + " is not where the directory says");
    }
    return new FileRecord(file, name, start, entry.size, entry.crc);
  }

  private String nameAt(long offset, ByteBuffer header) throws CheckpointException {
    ByteBuffer name = file.slice(offset + LOCAL_BYTES, u16(header, 26));
    return StandardCharsets.UTF_8.decode(name).toString();
  }

  private void readEnd() throws CheckpointException {
    long end = findEnd();
    ByteBuffer record = file.slice(end, END_BYTES);
    long count = u16(record, 10);
    long size = u32(record, 12);
    long offset = u32(record, 16);
    if (count == 0xffff || size == MAX32 || offset == MAX32) {
      ByteBuffer wide = findEnd64(end);
      count = count == 0xffff ? wide.getLong(32) : count;
      size = size == MAX32 ? wide.getLong(40) : size;
      offset = offset == MAX32 ? wide.getLong(48) : offset;
    }
    if (!file.contains(offset, size) || offset + size > end) {
      throw file.failure("damaged zip: the central directory lies outside the file");
    }
    if (size > MAX_DIRECTORY_BYTES) {
      throw file.failure(
          "has a central directory of " + size + " bytes, at most " + MAX_DIRECTORY_BYTES);
    }
    if (count < 0 || count > size / CENTRAL_BYTES) {
      throw file.failure("damaged zip: " + count + " entries in a directory of " + size + " bytes");
    }
    readCentral(file.slice(offset, size), count, offset);
  }

  private long findEnd() throws CheckpointException {
    long lowest = Math.max(0, file.size() - END_BYTES - MAX_COMMENT);
    int length = (int) (file.size() - lowest);
    ByteBuffer tail = file.slice(lowest, length);
    for (int at = length - END_BYTES; at >= 0; at--) {
      if (tail.getInt(at) == END && at + END_BYTES + u16(tail, at + 20) == length) {
        return lowest + at;
      }
    }
    throw file.failure("truncated or damaged zip archive: it has no central directory at its end");
  }

  private ByteBuffer findEnd64(long end) throws CheckpointException {
    long locator = end - LOCATOR_BYTES;
    if (locator >= 0 && file.slice(locator, 4).getInt() == END64_LOCATOR) {
      long at = file.slice(locator, LOCATOR_BYTES).getLong(8);
      if (file.contains(at, END64_BYTES) && file.slice(at, 4).getInt() == END64) {
        return file.slice(at, END64_BYTES);
      }
    }
    throw file.failure("damaged zip: the zip64 end record is missing");
  }

  private void readCentral(ByteBuffer directory, long count, long limit)
      throws CheckpointException {
    int at = 0;
    for (long i = 0; i < count; i++) {
      if (directory.limit() - at < CENTRAL_BYTES || directory.getInt(at) != CENTRAL) {
        throw file.failure("damaged zip: entry " + i + " of the central directory");
      }
      int nameLength = u16(directory, at + 28);
      int extraLength = u16(directory, at + 30);
      int next = at + CENTRAL_BYTES + nameLength + extraLength + u16(directory, at + 32);
      if (next > directory.limit()) {
        throw file.failure("damaged zip: entry " + i + " of the central directory is cut off");
      }
      byte[] bytes = new byte[nameLength];
      directory.get(at + CENTRAL_BYTES, bytes);
      String name = new String(bytes, StandardCharsets.UTF_8);
      ByteBuffer extra =
          directory.slice(at + CENTRAL_BYTES + nameLength, extraLength).order(directory.order());
      add(name, readEntry(name, directory, at, extra), limit);
      at = next;
    }
  }

  private Entry readEntry(String name, ByteBuffer directory, int at, ByteBuffer extra)
      throws CheckpointException {
    long stored = u32(directory, at + 20);
    long size = u32(directory, at + 24);
    long header = u32(directory, at + 42);
    if (stored == MAX32 || size == MAX32 || header == MAX32) {
      ByteBuffer wide = zip64Field(extra);
      // Only the fields that did not fit are there, in this order.
      int needed = (size == MAX32 ? 8 : 0) + (stored == MAX32 ? 8 : 0) + (header == MAX32 ? 8 : 0);
      if (wide.remaining() < needed) {
        throw file.failure("damaged zip: entry " + name + " lacks its zip64 sizes");
      }
      size = size == MAX32 ? wide.getLong() : size;
      stored = stored == MAX32 ? wide.getLong() : stored;
      header = header == MAX32 ? wide.getLong() : header;
    }
    int flags = u16(directory, at + 8);
    return new Entry(flags, u16(directory, at + 10), u32(directory, at + 16), stored, size, header);
  }

  private static ByteBuffer zip64Field(ByteBuffer extra) {
    int at = 0;
    while (extra.limit() - at >= 4) {
      int length = u16(extra, at + 2);
      if (length > extra.limit() - at - 4) {
        break;
      }
      if (u16(extra, at) == ZIP64_FIELD) {
        return extra.slice(at + 4, length).order(extra.order());
      }
      at += 4 + length;
    }
    return ByteBuffer.allocate(0);
  }

  private void add(String name, Entry entry, long limit) throws CheckpointException {
    boolean inside =
        entry.header >= 0
            && entry.header <= limit - LOCAL_BYTES
            && entry.stored >= 0
            && entry.stored <= limit - LOCAL_BYTES - entry.header;
    if (!inside) {
      throw file.failure(
          "damaged zip: entry "
              + name
              + " says "
              + entry.stored
              + " bytes at "
              + entry.header
              + ", the file has "
              + file.size());
    }
    if (entry.method == 0 && entry.stored != entry.size) {
      throw file.failure(
          "damaged zip: stored entry "
              + name
              + " has sizes "
              + entry.stored
              + " and "
              + entry.size);
    }
    if (entries.put(name, entry) != null) {
      throw file.failure("damaged zip: entry " + name + " appears twice");
    }
  }

  private static int u16(ByteBuffer buffer, int at) {
    return buffer.getShort(at) & 0xffff;
  }

  private static long u32(ByteBuffer buffer, int at) {
    return buffer.getInt(at) & MAX32;
  }
}
