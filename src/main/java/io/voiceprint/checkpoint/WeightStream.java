package io.voiceprint.checkpoint;

import java.io.InputStream;
import java.nio.ByteBuffer;

/** A range of a weight file as a stream; what is skipped is not read. For one thread. */
final class WeightStream extends InputStream {
  private final WeightFile file;
  private final long end;
  private long at;

  /** The range from {@code begin} to {@code end}, which lie within the file. */
  WeightStream(WeightFile file, long begin, long end) {
    this.file = file;
    this.at = begin;
    this.end = end;
  }

  @Override
  public int read() throws CheckpointException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] into, int offset, int length) throws CheckpointException {
    if (length == 0) {
      return 0;
    }
    if (at == end) {
      return -1;
    }
    int count = (int) Math.min(length, end - at);
    file.read(at, ByteBuffer.wrap(into, offset, count));
    at += count;
    return count;
  }

  @Override
  public long skip(long count) {
    long skipped = Math.max(0, Math.min(count, end - at));
    at += skipped;
    return skipped;
  }
}
