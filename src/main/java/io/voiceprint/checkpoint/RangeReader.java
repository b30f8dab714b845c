package io.voiceprint.checkpoint;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.zip.CRC32;

/** Reads a tensor whose elements lie side by side in C order, a buffer at a time. */
final class RangeReader implements FloatReader {
  private final FileTensor tensor;
  private final CRC32 crc = new CRC32();
  private int next;

  RangeReader(FileTensor tensor) throws CheckpointException {
    this.tensor = tensor;
    tensor.prepare();
    if (tensor.elements() == 0) {
      tensor.confirm(crc.getValue());
    }
  }

  @Override
  public void read(FloatBuffer into) throws CheckpointException {
    WeightFile file = tensor.file();
    DType dtype = tensor.dtype();
    ByteBuffer buffer = file.takeBuffer();
    int atOnce = buffer.capacity() / dtype.bytes();
    while (into.hasRemaining()) {
      int count = Math.min(into.remaining(), atOnce);
      buffer.clear().limit(count * dtype.bytes());
      file.read(tensor.fileOffset() + (long) next * dtype.bytes(), buffer);
      crc.update(buffer.flip());
      buffer.rewind();
      int begin = into.position();
      dtype.decode(buffer, 0, 1, into, count);
      tensor.requireFinite(into, begin, next);
      next += count;
    }
    file.giveBack(buffer);
    if (next == tensor.elements()) {
      tensor.confirm(crc.getValue());
    }
  }
}
