package io.voiceprint.audio;

import java.io.IOException;
import java.util.Arrays;

/** The {@code fmt } chunk of a WAV file. */
record WavFormat(SampleFormat samples, int channels, long sampleRate) {
  private static final int PCM = 1;
  private static final int IEEE_FLOAT = 3;
  private static final int ALAW = 6;
  private static final int ULAW = 7;
  private static final int EXTENSIBLE = 0xfffe;
  private static final int EXTENSIBLE_SIZE = 40;

  /** Bytes 2 to 15 of KSDATAFORMAT_SUBTYPE_*, whose first two bytes are a format tag. */
  private static final byte[] SUBTYPE_TAIL = {
    0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xaa, 0, 0x38, (byte) 0x9b, 0x71
  };

  /** Reads what is used of a chunk of {@code size} bytes; the rest stays in the input. */
  static WavFormat read(ByteInput in, long size) throws IOException {
    if (size < 16) {
      throw in.error("WAV fmt chunk has %d bytes; at least 16 are needed", size);
    }
    int tag = in.u16();
    int channels = in.u16();
    long sampleRate = in.u32();
    in.u32();
    int blockAlign = in.u16();
    int bits = in.u16();
    if (tag == EXTENSIBLE) {
      if (size < EXTENSIBLE_SIZE) {
        throw in.error(
            "WAV extensible fmt chunk has %d bytes; %d are needed", size, EXTENSIBLE_SIZE);
      }
      in.u16();
      int validBits = in.u16();
      in.u32();
      tag = in.u16();
      if (!Arrays.equals(in.bytes(SUBTYPE_TAIL.length), SUBTYPE_TAIL)) {
        throw in.error("WAV extensible format has an unknown subtype; convert it to PCM");
      }
      if (validBits > bits) {
        throw in.error("WAV fmt chunk says %d valid bits in %d", validBits, bits);
      }
    }
    SampleFormat samples = sampleFormat(in, tag, bits);
    if (channels < 1 || channels > ReadContext.MAX_CHANNELS) {
      throw in.error("%d channels; 1 to %d can be read", channels, ReadContext.MAX_CHANNELS);
    }
    if (blockAlign != channels * samples.bytes()) {
      throw in.error(
          "WAV fmt chunk says %d bytes per frame, but %d channels of %s take %d",
          blockAlign, channels, samples, channels * samples.bytes());
    }
    return new WavFormat(samples, channels, sampleRate);
  }

  private static SampleFormat sampleFormat(ByteInput in, int tag, int bits) throws AudioException {
    return switch (tag << 16 | bits) {
      case PCM << 16 | 8 -> SampleFormat.PCM_U8;
      case PCM << 16 | 16 -> SampleFormat.PCM_S16;
      case PCM << 16 | 24 -> SampleFormat.PCM_S24;
      case PCM << 16 | 32 -> SampleFormat.PCM_S32;
      case IEEE_FLOAT << 16 | 32 -> SampleFormat.FLOAT32;
      case IEEE_FLOAT << 16 | 64 -> SampleFormat.FLOAT64;
      case ULAW << 16 | 8 -> SampleFormat.ULAW;
      case ALAW << 16 | 8 -> SampleFormat.ALAW;
      default ->
          throw in.error(
              "WAV format tag 0x%04x with %d bits per sample is not supported;"
                  + " PCM, float, mu-law and A-law are",
              tag, bits);
    };
  }

  Source toSource() {
    return new Source(channels, (int) sampleRate, samples.name());
  }
}
