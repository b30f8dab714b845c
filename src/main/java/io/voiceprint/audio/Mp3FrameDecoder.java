package io.voiceprint.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jcodec.codecs.mpa.Mp3Decoder;

/**
 * The one class that knows JCodec. Decodes the frames of one stream in order.
 *
 * <p>JCodec 0.2.5 loses count of the bit reservoir (the sound data that a frame stores in the
 * frames before it) where its data end with the buffer, and looks for checksums in the wrong place.
 * So the reservoir is kept here, and JCodec gets each frame rewritten to be complete in itself: of
 * the highest bit rate at the lowest sample rate, without checksum, its own data first, zeros
 * behind. JCodec takes the sample rate for decoding from the first frame alone, which is a silent
 * one with the true rate.
 */
final class Mp3FrameDecoder {
  /** JCodec's full scale, which is not 32768. */
  private static final float FULL_SCALE = 32_700f;

  /** Farthest that a frame can point back. */
  private static final int MAX_RESERVOIR = 511;

  private static final int HIGHEST_BITRATE = 14;
  private static final int COMPLETE_BYTES = 1440;

  private final Mp3Decoder decoder = new Mp3Decoder();
  private byte[] reservoir = {};
  private boolean started;

  /** Decodes one frame into the sink. */
  void decode(MpegHeader header, byte[] frame, MonoSink sink) throws IOException {
    if (!started) {
      byte[] silent = new byte[header.bytes()];
      System.arraycopy(frame, 0, silent, 0, MpegHeader.BYTES);
      silent[1] |= 1;
      decode(header, silent);
      started = true;
    }
    ByteBuffer samples = decode(header, complete(header, frame));
    while (samples.hasRemaining()) {
      sink.add(samples.getShort() / FULL_SCALE);
    }
  }

  private ByteBuffer decode(MpegHeader header, byte[] frame) throws IOException {
    ByteBuffer output = ByteBuffer.allocate(header.samples() * header.channels() * Short.BYTES);
    return decoder.decodeFrame(ByteBuffer.wrap(frame), output).getData();
  }

  /** The frame with its share of the reservoir; a silent one if that lies before the stream. */
  private byte[] complete(MpegHeader header, byte[] frame) {
    int sideAt = header.sideInfoAt();
    int dataAt = sideAt + header.sideInfoBytes();
    int begin = (frame[sideAt] & 0xff) << 1 | (frame[sideAt + 1] & 0xff) >> 7;
    if (!header.version1()) {
      begin >>= 1;
    }
    byte[] data = new byte[reservoir.length + frame.length - dataAt];
    System.arraycopy(reservoir, 0, data, 0, reservoir.length);
    System.arraycopy(frame, dataAt, data, reservoir.length, frame.length - dataAt);

    byte[] complete = new byte[COMPLETE_BYTES];
    complete[0] = (byte) 0xff;
    // MPEG-1 at 32 kHz and 320 kbit/s, or MPEG-2.5 at 8 kHz and 160 kbit/s: 1440 bytes each.
    complete[1] = (byte) (header.version1() ? 0xfb : 0xe3);
    complete[2] = (byte) (HIGHEST_BITRATE << 4 | 2 << 2);
    complete[3] = frame[3];
    if (begin <= reservoir.length) {
      System.arraycopy(frame, sideAt, complete, MpegHeader.BYTES, header.sideInfoBytes());
      complete[MpegHeader.BYTES] = 0;
      if (header.version1()) {
        complete[MpegHeader.BYTES + 1] = (byte) (frame[sideAt + 1] & 0x7f);
      }
      int at = MpegHeader.BYTES + header.sideInfoBytes();
      int from = reservoir.length - begin;
      System.arraycopy(data, from, complete, at, Math.min(data.length - from, COMPLETE_BYTES - at));
    }
    int kept = Math.min(data.length, MAX_RESERVOIR);
    reservoir = Arrays.copyOfRange(data, data.length - kept, data.length);
    return complete;
  }
}
