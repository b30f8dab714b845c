package io.voiceprint.audio;

import io.voiceprint.audio.AudioWarning.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * RIFF/WAVE, and RF64 for what exceeds 4 GiB (EBU Tech 3306). Samples end where the data chunk
 * says, or, for headers written before the length was known (0 or 0xFFFFFFFF), where the input
 * does. Chunks other than {@code fmt }, {@code ds64} and {@code data} are skipped.
 */
final class WavReader {
  private static final long UNKNOWN = 0xffff_ffffL;
  private static final int BLOCK_FRAMES = 1024;

  private final ByteInput in;
  private final ReadContext context;

  private WavReader(ByteInput in, ReadContext context) {
    this.in = in;
    this.context = context;
  }

  static DecodedAudio read(ByteInput in, ReadContext context) throws IOException {
    try {
      return new WavReader(in, context).read();
    } catch (EOFException e) {
      throw new AudioException(
          "%s: WAV header ends after %d bytes, before any samples; the file is cut off"
              .formatted(in.name(), in.position()),
          e);
    }
  }

  private DecodedAudio read() throws IOException {
    boolean large = in.fourCharacters().equals("RF64");
    long riffSize = in.u32();
    in.fourCharacters();
    WavFormat format = null;
    long largeDataSize = -1;
    while (true) {
      if (in.peek(1).length == 0) {
        throw in.error(
            "WAV file has no %s chunk; it holds no audio", format == null ? "fmt" : "data");
      }
      String id = in.fourCharacters();
      long size = in.u32();
      if (id.equals("data")) {
        if (format == null) {
          throw in.error("WAV data chunk comes before any fmt chunk");
        }
        boolean streamed = size == UNKNOWN || (size == 0 && (riffSize == 0 || riffSize == UNKNOWN));
        if (large && size == UNKNOWN && largeDataSize > 0) {
          return readData(format, largeDataSize, false);
        }
        return readData(format, size, streamed);
      }
      long next = in.position() + size + (size & 1);
      if (id.equals("fmt ")) {
        format = WavFormat.read(in, size);
      } else if (id.equals("ds64") && size >= 16) {
        in.s64();
        largeDataSize = in.s64();
      }
      long missing = next - in.position();
      long skipped = in.skip(missing);
      if (skipped < missing) {
        throw in.error(
            "WAV chunk '%s' claims %d bytes, the file ends %d bytes before; the file is cut off",
            id.replaceAll("[^ -~]", "?"), size, missing - skipped);
      }
    }
  }

  private DecodedAudio readData(WavFormat format, long size, boolean streamed) throws IOException {
    MonoSink sink = context.sink(in, format.sampleRate(), format.channels());
    SampleFormat samples = format.samples();
    int frameBytes = format.channels() * samples.bytes();
    if (!streamed) {
      sink.expect(size / frameBytes);
    }
    byte[] block = new byte[BLOCK_FRAMES * frameBytes];
    BlockDecoder decoder = BlockDecoder.of(samples, block, sink);
    long present = 0;
    long wanted = streamed ? Long.MAX_VALUE : size;
    while (present < wanted) {
      int asked = (int) Math.min(block.length, wanted - present);
      int count = in.readUpTo(block, asked);
      present += count;
      decoder.decode(count / frameBytes * format.channels());
      if (count < asked) {
        break;
      }
    }
    List<AudioWarning> warnings = new ArrayList<>();
    if (streamed) {
      warnings.add(
          new AudioWarning(
              Kind.UNKNOWN_LENGTH,
              "the header does not say how long the audio is; read to the end of the input"));
    } else if (present < size) {
      warnings.add(
          new AudioWarning(
              Kind.TRUNCATED,
              "%d of %d bytes of samples are missing".formatted(size - present, size)));
    }
    if (present % frameBytes != 0) {
      warnings.add(
          new AudioWarning(
              Kind.TRUNCATED,
              "the last %d bytes are no whole sample of %d bytes"
                  .formatted(present % frameBytes, frameBytes)));
    }
    return LevelCheck.decoded(sink, sink.samples(), format.toSource(), warnings);
  }

  /** Hands the samples at the start of a block of bytes to a sink. */
  private interface BlockDecoder {
    /**
     * @param count samples of whole frames
     */
    void decode(int count) throws AudioException;

    static BlockDecoder of(SampleFormat format, byte[] block, MonoSink sink) {
      ByteBuffer bytes = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
      if (format == SampleFormat.PCM_S16) {
        // Most of what servers decode is this: no sample of it needs to be looked at.
        ShortBuffer view = bytes.asShortBuffer();
        short[] integers = new short[view.capacity()];
        return count -> {
          view.get(0, integers, 0, count);
          sink.add(integers, count);
        };
      }
      float[] floats = new float[block.length / format.bytes()];
      return count -> {
        format.decode(bytes, floats, count);
        sink.add(floats, count);
      };
    }
  }
}
