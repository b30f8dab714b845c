package io.voiceprint.audio;

/**
 * The four header bytes of an MPEG audio layer III frame (ISO/IEC 11172-3, 13818-3; version 2.5 is
 * a de-facto extension to rates from 8 to 12 kHz).
 *
 * @param version1 true for MPEG-1, false for the half-rate versions 2 and 2.5
 * @param sampleRate in Hz
 * @param channels 1 or 2
 * @param checksum whether two bytes of CRC follow the header
 * @param bytes of the whole frame, header included
 */
record MpegHeader(boolean version1, int sampleRate, int channels, boolean checksum, int bytes) {
  static final int BYTES = 4;

  private static final int[] RATES = {44_100, 48_000, 32_000};
  private static final int[] KILOBITS_1 = {
    0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320
  };
  private static final int[] KILOBITS_2 = {
    0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160
  };

  /** The header at {@code at}, or {@code null} if there is none that can be read. */
  static MpegHeader parse(byte[] data, int at) {
    if (data.length - at < BYTES) {
      return null;
    }
    int bits =
        (data[at] & 0xff) << 24
            | (data[at + 1] & 0xff) << 16
            | (data[at + 2] & 0xff) << 8
            | (data[at + 3] & 0xff);
    int version = bits >> 19 & 3;
    int layer = bits >> 17 & 3;
    int bitrate = bits >> 12 & 15;
    int rate = bits >> 10 & 3;
    boolean free = bitrate == 0;
    if (bits >>> 21 != 0x7ff || version == 1 || layer != 1 || free || bitrate == 15 || rate == 3) {
      return null;
    }
    boolean version1 = version == 3;
    int hertz = RATES[rate] >> (version1 ? 0 : version == 2 ? 1 : 2);
    int kilobits = (version1 ? KILOBITS_1 : KILOBITS_2)[bitrate];
    int bytes = (version1 ? 144_000 : 72_000) * kilobits / hertz + (bits >> 9 & 1);
    int channels = (bits >> 6 & 3) == 3 ? 1 : 2;
    return new MpegHeader(version1, hertz, channels, (bits >> 16 & 1) == 0, bytes);
  }

  /** Samples per channel of one frame. */
  int samples() {
    return version1 ? 1152 : 576;
  }

  /** Bytes of side information, which follows the header and the checksum. */
  int sideInfoBytes() {
    if (version1) {
      return channels == 1 ? 17 : 32;
    }
    return channels == 1 ? 9 : 17;
  }

  /** Where the side information begins. */
  int sideInfoAt() {
    return BYTES + (checksum ? 2 : 0);
  }

  /** Whether both may belong to one stream. */
  boolean continues(MpegHeader first) {
    return version1 == first.version1
        && sampleRate == first.sampleRate
        && channels == first.channels;
  }
}
