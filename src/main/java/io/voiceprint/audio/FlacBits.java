package io.voiceprint.audio;

import java.io.EOFException;
import java.io.IOException;

/** Big-endian bits of a FLAC stream, with the checksums of the frame being read. */
final class FlacBits {
  private static final int[] CRC8 = table(8, 0x07);
  private static final int[] CRC16 = table(16, 0x8005);

  private final ByteInput in;
  private int current;
  private int left;
  private int crc8;
  private int crc16;

  FlacBits(ByteInput in) {
    this.in = in;
  }

  private static int[] table(int width, int polynomial) {
    int[] table = new int[256];
    for (int i = 0; i < 256; i++) {
      int crc = i << (width - 8);
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & (1 << (width - 1))) != 0 ? (crc << 1) ^ polynomial : crc << 1;
      }
      table[i] = crc & ((1 << width) - 1);
    }
    return table;
  }

  /** Starts new checksums; the position is at a byte boundary. */
  void startFrame() {
    crc8 = 0;
    crc16 = 0;
  }

  /** CRC-8 of the bytes since {@link #startFrame}. */
  int crc8() {
    return crc8;
  }

  /** CRC-16 of the bytes since {@link #startFrame}. */
  int crc16() {
    return crc16;
  }

  private void next() throws IOException {
    current = in.read();
    if (current < 0) {
      throw new EOFException();
    }
    left = 8;
    crc8 = CRC8[crc8 ^ current];
    crc16 = ((crc16 << 8) & 0xffff) ^ CRC16[(crc16 >> 8) ^ current];
  }

  /** The next {@code count} bits, 0 to 36, unsigned. */
  long bits(int count) throws IOException {
    long value = 0;
    int wanted = count;
    while (wanted > 0) {
      if (left == 0) {
        next();
      }
      int taken = Math.min(wanted, left);
      value = (value << taken) | (current >> (left - taken) & ((1 << taken) - 1));
      left -= taken;
      wanted -= taken;
    }
    return value;
  }

  /** The next {@code count} bits, 0 to 33, two's complement. */
  long signed(int count) throws IOException {
    int shift = Long.SIZE - count;
    return count == 0 ? 0 : bits(count) << shift >> shift;
  }

  /** Zero bits before the next one bit. */
  long unary() throws IOException {
    long zeros = 0;
    while (true) {
      if (left == 0) {
        next();
      }
      int rest = current & ((1 << left) - 1);
      if (rest != 0) {
        int leading = Integer.numberOfLeadingZeros(rest) - (Integer.SIZE - left);
        left -= leading + 1;
        return zeros + leading;
      }
      zeros += left;
      left = 0;
    }
  }

  /** Drops the rest of the current byte. */
  void align() {
    left = 0;
  }
}
