package io.voiceprint.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A page of an Ogg file (RFC 3533, section 6).
 *
 * @param start where in the file it lies
 * @param header its fields up to the number of segments
 * @param lengths of its segments, in bytes, each unsigned
 * @param body the segments
 */
record OggPage(long start, byte[] header, byte[] lengths, byte[] body) {
  private static final int HEADER_BYTES = 27;
  private static final byte[] CAPTURE = {'O', 'g', 'g', 'S'};
  private static final int CONTINUED = 1;
  private static final int FIRST = 2;
  private static final int LAST = 4;
  private static final int CHECKSUM_AT = 22;
  private static final int[] CRC = crcTable();

  /** Whether a page, or the beginning of one, comes next. */
  static boolean isNext(ByteInput in) throws IOException {
    byte[] next = in.peek(CAPTURE.length);
    for (int i = 0; i < next.length; i++) {
      if (next[i] != CAPTURE[i]) {
        return false;
      }
    }
    return next.length > 0;
  }

  /**
   * The next page, its checksum not verified yet.
   *
   * @return {@code null} if the input ends before the page does
   * @throws AudioException if something else is there
   */
  static OggPage read(ByteInput in) throws IOException {
    long start = in.position();
    byte[] header = new byte[HEADER_BYTES];
    if (in.readUpTo(header, HEADER_BYTES) < HEADER_BYTES) {
      return null;
    }
    if (!Arrays.equals(header, 0, CAPTURE.length, CAPTURE, 0, CAPTURE.length) || header[4] != 0) {
      throw in.error("Ogg page expected at byte %d, but something else is there", start);
    }
    byte[] lengths = new byte[header[26] & 0xff];
    int lengthsRead = in.readUpTo(lengths, lengths.length);
    int bodyBytes = 0;
    for (byte length : lengths) {
      bodyBytes += length & 0xff;
    }
    byte[] body = new byte[bodyBytes];
    if (lengthsRead < lengths.length || in.readUpTo(body, bodyBytes) < bodyBytes) {
      return null;
    }
    return new OggPage(start, header, lengths, body);
  }

  /** Continues the last packet of its stream's page before. */
  boolean isContinued() {
    return (header[5] & CONTINUED) != 0;
  }

  /** The first of its logical stream. */
  boolean isFirst() {
    return (header[5] & FIRST) != 0;
  }

  /** The last of its logical stream. */
  boolean isLast() {
    return (header[5] & LAST) != 0;
  }

  /** The position in its stream, in samples, at its end; -1 if no packet ends on it. */
  long granule() {
    return fields().getLong(6);
  }

  /** Tells its logical stream from others. */
  int serial() {
    return fields().getInt(14);
  }

  /** How many pages of its stream come before it. */
  int number() {
    return fields().getInt(18);
  }

  boolean isIntact() {
    byte[] without = header.clone();
    Arrays.fill(without, CHECKSUM_AT, CHECKSUM_AT + Integer.BYTES, (byte) 0);
    return crc(crc(crc(0, without), lengths), body) == fields().getInt(CHECKSUM_AT);
  }

  private ByteBuffer fields() {
    return ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int[] crcTable() {
    int[] table = new int[256];
    for (int i = 0; i < 256; i++) {
      int crc = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc < 0 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
      }
      table[i] = crc;
    }
    return table;
  }

  private static int crc(int start, byte[] bytes) {
    int crc = start;
    for (byte b : bytes) {
      crc = (crc << 8) ^ CRC[(crc >>> 24) ^ (b & 0xff)];
    }
    return crc;
  }
}
