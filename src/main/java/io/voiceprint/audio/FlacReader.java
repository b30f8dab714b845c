package io.voiceprint.audio;

import io.voiceprint.audio.AudioWarning.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Native FLAC (RFC 9639), 4 to 32 bits, up to 8 channels. Both checksums of every frame are
 * verified; the MD5 of the whole is not.
 */
final class FlacReader {
  private static final int STREAMINFO_BYTES = 34;

  /** Block sizes by their code in a frame header (RFC 9639, 9.1.1); 0 marks the special ones. */
  private static final int[] BLOCK_SIZES = {
    0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768
  };

  /** Bits per sample by their code (RFC 9639, 9.1.4); 0 for "as in the stream's header". */
  private static final int[] SAMPLE_BITS = {0, 8, 12, -1, 16, 20, 24, 32};

  private final ByteInput in;
  private final FlacBits bits;
  private final ReadContext context;
  private int channels;
  private int sampleBits;
  private int maxBlock;

  private FlacReader(ByteInput in, ReadContext context) {
    this.in = in;
    this.bits = new FlacBits(in);
    this.context = context;
  }

  static DecodedAudio read(ByteInput in, ReadContext context) throws IOException {
    return new FlacReader(in, context).read();
  }

  private DecodedAudio read() throws IOException {
    in.skip(4);
    List<AudioWarning> warnings = new ArrayList<>();
    int sampleRate;
    long total;
    MonoSink sink;
    try {
      boolean last = bits.bits(1) == 1;
      int type = (int) bits.bits(7);
      int length = (int) bits.bits(24);
      if (type != 0 || length != STREAMINFO_BYTES) {
        throw in.error("FLAC file does not begin with a stream header of 34 bytes");
      }
      bits.bits(16);
      maxBlock = (int) bits.bits(16);
      bits.bits(24);
      bits.bits(24);
      sampleRate = (int) bits.bits(20);
      channels = (int) bits.bits(3) + 1;
      sampleBits = (int) bits.bits(5) + 1;
      total = bits.bits(36);
      in.skip(16);
      sink = context.sink(in, sampleRate, channels);
      if (total > 0) {
        sink.expect(total);
      }
      while (!last) {
        last = bits.bits(1) == 1;
        bits.bits(7);
        long size = bits.bits(24);
        if (in.skip(size) < size) {
          throw new EOFException();
        }
      }
    } catch (EOFException e) {
      throw new AudioException(
          in.name() + ": FLAC header is cut off after %d bytes".formatted(in.position()), e);
    }
    if (sampleBits < 4) {
      throw in.error("FLAC with %d bits per sample is not supported; 4 to 32 are", sampleBits);
    }
    boolean cut = readFrames(sink, total);
    if (cut || sink.frames() < total) {
      String missing =
          total > sink.frames()
              ? "%d of %d samples are missing".formatted(total - sink.frames(), total)
              : "the last frame is incomplete";
      warnings.add(new AudioWarning(Kind.TRUNCATED, missing));
    }
    return LevelCheck.decoded(
        sink, sink.samples(), new Source(channels, sampleRate, "FLAC"), warnings);
  }

  /** Reads to the last sample or the end of the input; true if that cuts a frame. */
  private boolean readFrames(MonoSink sink, long total) throws IOException {
    FlacSubframe subframe = new FlacSubframe(in, bits);
    while (total == 0 || sink.frames() < total) {
      if (in.peek(1).length == 0) {
        return false;
      }
      if (sink.frames() > 0 && isTag(in.peek(3))) {
        return false;
      }
      try {
        readFrame(subframe, sink);
      } catch (EOFException e) {
        return true;
      }
    }
    return false;
  }

  /** Whether an ID3v1 tag follows, which some programs append. */
  private static boolean isTag(byte[] head) {
    return head.length == 3 && head[0] == 'T' && head[1] == 'A' && head[2] == 'G';
  }

  private void readFrame(FlacSubframe subframe, MonoSink sink) throws IOException {
    long start = in.position();
    bits.startFrame();
    if (bits.bits(15) != 0x7ffc) {
      throw in.error("FLAC frame expected at byte %d, but something else is there", start);
    }
    bits.bits(1);
    int sizeCode = (int) bits.bits(4);
    int rateCode = (int) bits.bits(4);
    int assignment = (int) bits.bits(4);
    int bitsCode = (int) bits.bits(3);
    bits.bits(1);
    skipCodedNumber();
    int block =
        switch (sizeCode) {
          case 6 -> (int) bits.bits(8) + 1;
          case 7 -> (int) bits.bits(16) + 1;
          default -> BLOCK_SIZES[sizeCode];
        };
    bits.bits(rateCode == 12 ? 8 : (rateCode == 13 || rateCode == 14) ? 16 : 0);
    int crc8 = bits.crc8();
    if (bits.bits(8) != crc8) {
      throw in.error("FLAC frame header at byte %d is damaged (checksum)", start);
    }
    int frameBits = SAMPLE_BITS[bitsCode] == 0 ? sampleBits : SAMPLE_BITS[bitsCode];
    int frameChannels = assignment < 8 ? assignment + 1 : 2;
    if (frameBits != sampleBits || frameChannels != channels || assignment > 10) {
      throw in.error(
          "FLAC frame at byte %d has %d channels of %d bits, the file's header says %d of %d",
          start, frameChannels, frameBits, channels, sampleBits);
    }
    if (block == 0 || block > Math.max(maxBlock, 16)) {
      throw in.error(
          "FLAC frame at byte %d has %d samples, the file's header says at most %d",
          start, block, maxBlock);
    }
    long[][] samples = new long[channels][];
    for (int channel = 0; channel < channels; channel++) {
      boolean side = assignment == 9 ? channel == 0 : assignment >= 8 && channel == 1;
      samples[channel] = subframe.read(block, side ? sampleBits + 1 : sampleBits);
    }
    bits.align();
    int crc16 = bits.crc16();
    if (bits.bits(16) != crc16) {
      throw in.error("FLAC frame at byte %d is damaged (checksum)", start);
    }
    undoStereo(assignment, samples);
    for (int i = 0; i < block; i++) {
      for (int channel = 0; channel < channels; channel++) {
        sink.add(SampleFormat.roundTo24Bits(samples[channel][i] << (Integer.SIZE - sampleBits)));
      }
    }
  }

  /** The frame's or sample's number, coded like UTF-8 in up to seven bytes. */
  private void skipCodedNumber() throws IOException {
    int first = (int) bits.bits(8);
    int leadingOnes = Integer.numberOfLeadingZeros(~(first << 24));
    for (int i = 1; i < leadingOnes; i++) {
      bits.bits(8);
    }
  }

  private static void undoStereo(int assignment, long[][] samples) {
    long[] first = samples[0];
    for (int i = 0; assignment >= 8 && i < first.length; i++) {
      long a = first[i];
      long b = samples[1][i];
      switch (assignment) {
        case 8 -> samples[1][i] = a - b;
        case 9 -> first[i] = a + b;
        default -> {
          long middle = (a << 1) | (b & 1);
          first[i] = (middle + b) >> 1;
          samples[1][i] = (middle - b) >> 1;
        }
      }
    }
  }
}
