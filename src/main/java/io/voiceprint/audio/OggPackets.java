package io.voiceprint.audio;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The packets of the first logical stream of an Ogg file (RFC 3533), up to that stream's end.
 * Checksums of all its pages are verified; pages of other streams are skipped.
 */
final class OggPackets {
  private static final int HEADER_BYTES = 27;
  private static final int MAX_PACKET_BYTES = 1 << 24;
  private static final int CONTINUED = 1;
  private static final int END_OF_STREAM = 4;
  private static final int[] CRC = crcTable();

  private final ByteInput in;
  private final ByteArrayOutputStream packet = new ByteArrayOutputStream();
  private byte[] segments = {};
  private int segment;
  private byte[] body = {};
  private int at;
  private int serial;
  private int pages;
  private boolean ended;
  private boolean truncated;
  private long granule = -1;

  OggPackets(ByteInput in) {
    this.in = in;
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

  /** Whether the input ended before the stream did. */
  boolean truncated() {
    return truncated;
  }

  /** The position, in samples, at the end of the last page; -1 if never said. */
  long granule() {
    return granule;
  }

  /** The next packet, or {@code null} at the end. */
  byte[] next() throws IOException {
    while (true) {
      while (segment < segments.length) {
        int length = segments[segment++] & 0xff;
        packet.write(body, at, length);
        at += length;
        if (packet.size() > MAX_PACKET_BYTES) {
          throw in.error("Ogg packet is longer than %d bytes", MAX_PACKET_BYTES);
        }
        if (length < 255) {
          byte[] complete = packet.toByteArray();
          packet.reset();
          return complete;
        }
      }
      if (ended || !readPage()) {
        return null;
      }
    }
  }

  /** Reads the next page of the stream; false at the end of the input. */
  private boolean readPage() throws IOException {
    while (true) {
      long start = in.position();
      byte[] header = new byte[HEADER_BYTES];
      if (in.readUpTo(header, HEADER_BYTES) < HEADER_BYTES) {
        truncated = true;
        return false;
      }
      ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
      if (fields.getInt(0) != 0x5367674f || header[4] != 0) {
        throw in.error("Ogg page expected at byte %d, but something else is there", start);
      }
      byte[] table = new byte[header[26] & 0xff];
      int bodyBytes = 0;
      int tableBytes = in.readUpTo(table, table.length);
      for (byte length : table) {
        bodyBytes += length & 0xff;
      }
      byte[] content = new byte[bodyBytes];
      if (tableBytes < table.length || in.readUpTo(content, bodyBytes) < bodyBytes) {
        truncated = true;
        return false;
      }
      if (pages == 0) {
        serial = fields.getInt(14);
      }
      if (fields.getInt(14) != serial) {
        continue;
      }
      accept(start, fields, header, table, content);
      return true;
    }
  }

  private void accept(long start, ByteBuffer fields, byte[] header, byte[] table, byte[] content)
      throws AudioException {
    int expected = fields.getInt(22);
    fields.putInt(22, 0);
    int crc = crc(crc(crc(0, header), table), content);
    if (crc != expected) {
      throw in.error("Ogg page at byte %d is damaged (checksum)", start);
    }
    if (fields.getInt(18) != pages) {
      throw in.error(
          "Ogg page %d expected at byte %d, but page %d is there",
          pages, start, fields.getInt(18) & 0xffff_ffffL);
    }
    if ((header[5] & CONTINUED) == 0 && packet.size() > 0) {
      throw in.error("Ogg page at byte %d does not continue the packet before", start);
    }
    pages++;
    segments = table;
    segment = 0;
    body = content;
    at = 0;
    ended = (header[5] & END_OF_STREAM) != 0;
    if (fields.getLong(6) >= 0) {
      granule = fields.getLong(6);
    }
  }

  private static int crc(int start, byte[] bytes) {
    int crc = start;
    for (byte b : bytes) {
      crc = (crc << 8) ^ CRC[(crc >>> 24) ^ (b & 0xff)];
    }
    return crc;
  }
}
