package io.voiceprint.audio;

import java.nio.ByteBuffer;

/**
 * Encodings of one sample in a WAV file, all little-endian. Integers are divided by 2^(bits - 1),
 * so that full scale is [-1, 1).
 */
enum SampleFormat {
  PCM_U8(1) {
    @Override
    float decode(ByteBuffer in, int at) {
      return ((in.get(at) & 0xff) - 128) / 0x1p7f;
    }
  },
  PCM_S16(2) {
    @Override
    float decode(ByteBuffer in, int at) {
      return in.getShort(at) / 0x1p15f;
    }
  },
  PCM_S24(3) {
    @Override
    float decode(ByteBuffer in, int at) {
      int value = (in.get(at) & 0xff) | (in.get(at + 1) & 0xff) << 8 | in.get(at + 2) << 16;
      return value / 0x1p23f;
    }
  },
  PCM_S32(4) {
    @Override
    float decode(ByteBuffer in, int at) {
      return roundTo24Bits(in.getInt(at));
    }
  },
  FLOAT32(4) {
    @Override
    float decode(ByteBuffer in, int at) {
      return roundTo24Bits(in.getFloat(at));
    }
  },
  FLOAT64(8) {
    @Override
    float decode(ByteBuffer in, int at) {
      return roundTo24Bits(in.getDouble(at));
    }
  },
  /** ITU-T G.711 mu-law: 13 segments, expanded to 14 bits and scaled to 16. */
  ULAW(1) {
    @Override
    float decode(ByteBuffer in, int at) {
      int code = ~in.get(at) & 0xff;
      int magnitude = ((((code & 0x0f) << 3) + 132) << (code >> 4 & 7)) - 132;
      return ((code & 0x80) != 0 ? -magnitude : magnitude) / 0x1p15f;
    }
  },
  /** ITU-T G.711 A-law: 13 segments, even bits inverted, expanded to 13 bits and scaled to 16. */
  ALAW(1) {
    @Override
    float decode(ByteBuffer in, int at) {
      int code = (in.get(at) & 0xff) ^ 0x55;
      int segment = code >> 4 & 7;
      int mantissa = ((code & 0x0f) << 4) + 8;
      int magnitude = segment == 0 ? mantissa : (mantissa + 256) << (segment - 1);
      return ((code & 0x80) != 0 ? magnitude : -magnitude) / 0x1p15f;
    }
  };

  private static final double FULL_SCALE = 0x1p31;

  /** Unit of a 24-bit sample among 32-bit ones. */
  private static final long UNIT = 1 << 7;

  private final int bytes;

  SampleFormat(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one sample. */
  int bytes() {
    return bytes;
  }

  /**
   * Leaves alone what is not finite or beyond full scale: whoever collects the samples judges that.
   */
  static float roundTo24Bits(double sample) {
    if (!(Math.abs(sample) <= 1)) {
      return (float) sample;
    }
    return roundTo24Bits((long) (sample * FULL_SCALE));
  }

  /**
   * The amplitude of a sample, rounded to the nearest of 24 bits as the original's reader does.
   *
   * @param sample of 32 bits
   */
  static float roundTo24Bits(long sample) {
    return (float) (((sample + UNIT / 2) & -UNIT) / FULL_SCALE);
  }

  /** The sample at byte {@code at} of a little-endian buffer. */
  abstract float decode(ByteBuffer in, int at);

  /** The first samples of a little-endian buffer, in order. */
  void decode(ByteBuffer in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = decode(in, i * bytes);
    }
  }
}
