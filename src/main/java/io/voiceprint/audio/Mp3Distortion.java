package io.voiceprint.audio;

/**
 * Finds the frames that JCodec 0.2.5 may misread. At 24 kHz its table ends the eighteenth scale
 * factor band at line 330 instead of 332; where a Huffman table changes just there, two values are
 * read with the wrong one, and unless both codes happen to agree what follows in the frame is
 * noise.
 */
final class Mp3Distortion {
  private static final int RATE = 24_000;
  private static final int BAND = 18;
  private static final int WRONG_LINE = 330;

  private final byte[] frame;
  private int bit;

  private Mp3Distortion(byte[] frame, int bit) {
    this.frame = frame;
    this.bit = bit;
  }

  /** Whether the frame's side information (ISO/IEC 13818-3, 2.4.1.7) shows such a change. */
  static boolean affects(MpegHeader header, byte[] frame) {
    if (header.sampleRate() != RATE) {
      return false;
    }
    int start = 8 * header.sideInfoAt() + 8 + header.channels();
    Mp3Distortion sideInfo = new Mp3Distortion(frame, start);
    boolean affected = false;
    for (int channel = 0; channel < header.channels(); channel++) {
      affected |= sideInfo.channel();
    }
    return affected;
  }

  private boolean channel() {
    take(12);
    int bigValues = take(9);
    take(8 + 9);
    boolean switched = take(1) == 1;
    take(5);
    int second = take(5);
    int third = take(5);
    int regions = take(4) + take(3) + 2;
    take(2);
    return !switched && regions == BAND && 2 * bigValues > WRONG_LINE && second != third;
  }

  private int take(int count) {
    int value = 0;
    for (int i = 0; i < count; i++, bit++) {
      value = (value << 1) | (frame[bit >> 3] >> (7 - (bit & 7)) & 1);
    }
    return value;
  }
}
