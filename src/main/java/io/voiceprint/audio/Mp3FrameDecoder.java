package io.voiceprint.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jcodec.codecs.mpa.Mp3Decoder;

/** The one class that knows JCodec. Decodes the frames of one stream in order. */
final class Mp3FrameDecoder {
  /** JCodec's full scale, which is not 32768. */
  private static final float FULL_SCALE = 32_700f;

  private final Mp3Decoder decoder = new Mp3Decoder();
  private long mainDataBytes;

  /** Decodes one frame into the sink. */
  void decode(MpegHeader header, byte[] frame, MonoSink sink) throws IOException {
    int sideAt = header.sideInfoAt();
    int sideBytes = header.sideInfoBytes();
    byte[] arranged = frame.clone();
    if (header.checksum()) {
      // JCodec looks for the checksum behind the frame's data; it does not verify it.
      System.arraycopy(frame, sideAt, arranged, MpegHeader.BYTES, frame.length - sideAt);
      arranged[frame.length - 2] = 0;
      arranged[frame.length - 1] = 0;
    }
    int mainDataBegin = (frame[sideAt] & 0xff) << 1 | (frame[sideAt + 1] & 0xff) >> 7;
    if (!header.version1()) {
      mainDataBegin >>= 1;
    }
    if (mainDataBegin > mainDataBytes) {
      // A stream cut in the middle points back to frames that are gone: this one is silent, but
      // its data are kept for the next.
      Arrays.fill(arranged, MpegHeader.BYTES, MpegHeader.BYTES + sideBytes, (byte) 0);
    }
    mainDataBytes += header.bytes() - sideAt - sideBytes;
    ByteBuffer output = ByteBuffer.allocate(header.samples() * header.channels() * Short.BYTES);
    ByteBuffer samples = decoder.decodeFrame(ByteBuffer.wrap(arranged), output).getData();
    while (samples.hasRemaining()) {
      sink.add(samples.getShort() / FULL_SCALE);
    }
  }
}
