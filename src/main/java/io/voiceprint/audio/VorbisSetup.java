package io.voiceprint.audio;

/**
 * Checks the size of the codebooks in Vorbis setup headers (Vorbis I specification, section 3.2.1)
 * before a decoder allocates them: a few bytes can ask for terabytes, and many streams in a chain
 * for hours.
 */
final class VorbisSetup {
  /** Many times what the reference encoder needs at any quality. */
  private static final int MAX_CODEBOOK_ELEMENTS = 1 << 20;

  /** Of all streams of a file. */
  private static final long MAX_ELEMENTS_IN_ALL = 64L << 20;

  private static final int SIGNATURE_BYTES = 7;

  private final ByteInput in;
  private byte[] packet = {};
  private long position;
  private long elementsInAll;

  /**
   * @param in for messages
   */
  VorbisSetup(ByteInput in) {
    this.in = in;
  }

  /**
   * Checks the header of one more stream.
   *
   * @throws AudioException if the codebooks are damaged or too large
   */
  void check(byte[] header) throws AudioException {
    packet = header;
    position = 8L * SIGNATURE_BYTES;
    int books = (int) bits(8) + 1;
    long elements = 0;
    for (int book = 0; book < books; book++) {
      if (bits(24) != 0x564342) {
        throw in.error("Vorbis codebook %d is damaged", book);
      }
      int dimensions = (int) bits(16);
      int entries = (int) bits(24);
      elements += entries * (dimensions + 1L);
      if (elements > MAX_CODEBOOK_ELEMENTS) {
        throw in.error(
            "Vorbis codebooks are too large: more than %d elements", MAX_CODEBOOK_ELEMENTS);
      }
      skipLengths(entries);
      skipLookup(entries, dimensions);
      if (position > 8L * packet.length) {
        throw in.error("Vorbis setup header ends within codebook %d", book);
      }
    }
    elementsInAll += elements;
    if (elementsInAll > MAX_ELEMENTS_IN_ALL) {
      throw in.error(
          "too many chained Ogg streams: their codebooks have more than %d elements; convert it",
          MAX_ELEMENTS_IN_ALL);
    }
  }

  private void skipLengths(int entries) {
    if (bits(1) == 0) {
      boolean sparse = bits(1) == 1;
      for (int entry = 0; entry < entries; entry++) {
        if (!sparse || bits(1) == 1) {
          bits(5);
        }
      }
      return;
    }
    bits(5);
    // A run of no entries gains nothing, so the end of the packet bounds the loop.
    for (int entry = 0; entry < entries && position <= 8L * packet.length; ) {
      entry += (int) bits(Integer.SIZE - Integer.numberOfLeadingZeros(entries - entry));
    }
  }

  private void skipLookup(int entries, int dimensions) {
    long type = bits(4);
    if (type == 0) {
      return;
    }
    position += 64;
    long valueBits = bits(4) + 1;
    bits(1);
    long values = (long) entries * dimensions;
    if (type == 1) {
      int root = 0;
      while (dimensions > 0 && Math.pow(root + 1, dimensions) <= entries) {
        root++;
      }
      values = root;
    }
    position += values * valueBits;
  }

  /** The next bits, least significant first; zeros behind the end. */
  private long bits(int count) {
    long value = 0;
    for (int i = 0; i < count; i++, position++) {
      int at = (int) Math.min(position >> 3, packet.length);
      int bit = at < packet.length ? packet[at] >> (position & 7) & 1 : 0;
      value |= (long) bit << i;
    }
    return value;
  }
}
