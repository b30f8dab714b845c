package io.voiceprint.checkpoint;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.zip.CRC32;

/**
 * A tensor that is a, possibly strided, view of a record of a file. It may be read more than once;
 * a file that has changed since the first time is refused.
 */
final class FileTensor implements StoredTensor {
  private static final long NOT_READ = -1;

  private final String name;
  private final DType dtype;
  private final Extents extents;
  private final FileRecord record;
  private final long firstElement;
  private volatile long checksum = NOT_READ;

  /**
   * Checks that the view lies within the record.
   *
   * @param firstElement offset of the first element from the start of the record, in elements
   */
  FileTensor(String name, DType dtype, Extents extents, FileRecord record, long firstElement)
      throws CheckpointException {
    this.name = name;
    this.dtype = dtype;
    this.extents = extents;
    this.record = record;
    this.firstElement = firstElement;
    long available = record.size() / dtype.bytes();
    if (firstElement < 0 || firstElement > available) {
      throw failure("offset " + firstElement + " lies outside its " + available + " elements");
    }
    if (extents.span() > available - firstElement) {
      throw failure(
          "reaches "
              + extents.span()
              + " elements from offset "
              + firstElement
              + " but record "
              + record.name()
              + " holds "
              + available);
    }
    // Strides of 0 would let a few bytes stand for gigabytes.
    if (extents.elements() > available) {
      throw failure(
          "has " + extents.elements() + " elements but its record holds only " + available);
    }
    if (extents.span() * dtype.bytes() > WeightFile.MAX_RANGE) {
      throw failure("is larger than 1 GiB, which no supported network needs");
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public int[] shape() {
    return extents.shape().clone();
  }

  @Override
  public long elements() {
    return extents.elements();
  }

  @Override
  public FloatReader reader() throws CheckpointException {
    if (!dtype.isFloatingPoint()) {
      throw failure("is of type " + dtype + ", expected a floating-point type");
    }
    return extents.isContiguous() ? new RangeReader(this) : FloatReader.of(gather());
  }

  private float[] gather() throws CheckpointException {
    ByteBuffer bytes = bytes();
    FloatBuffer values = FloatBuffer.allocate((int) extents.elements());
    gather(bytes, 0, 0, values);
    requireFinite(values, 0, 0);
    return values.array();
  }

  /** Copies the sub-tensor at {@code from} of the given dimension. */
  private void gather(ByteBuffer bytes, int dimension, long from, FloatBuffer to) {
    int count = extents.shape()[dimension];
    long stride = extents.strides()[dimension];
    if (dimension == extents.shape().length - 1) {
      dtype.decode(bytes, (int) from, (int) stride, to, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      gather(bytes, dimension + 1, from + i * stride, to);
    }
  }

  /** The bytes from the first to the last element that the view reaches, little-endian. */
  ByteBuffer bytes() throws CheckpointException {
    record.verify();
    ByteBuffer bytes = record.file().slice(fileOffset(), byteLength());
    CRC32 crc = new CRC32();
    crc.update(bytes);
    confirm(crc.getValue());
    return bytes.rewind();
  }

  WeightFile file() {
    return record.file();
  }

  /** Where in the file the first element lies. */
  long fileOffset() {
    return record.offset() + firstElement * dtype.bytes();
  }

  private long byteLength() {
    return extents.span() * dtype.bytes();
  }

  /** Before a part of the record is read: verifies the record, unless the part is all of it. */
  void prepare() throws CheckpointException {
    if (byteLength() != record.size()) {
      record.verify();
    }
  }

  /**
   * Behind a reading from front to back.
   *
   * @param actual CRC-32 of all bytes
   * @throws CheckpointException if it is not that of the archive, or not that of the first reading
   */
  void confirm(long actual) throws CheckpointException {
    if (byteLength() == record.size()) {
      record.verify(actual);
    }
    if (checksum != NOT_READ && checksum != actual) {
      throw failure("has changed since the file was opened; open it again");
    }
    checksum = actual;
  }

  /**
   * @param from index in the buffer of the first value to check
   * @param element which element of the tensor that is
   */
  void requireFinite(FloatBuffer values, int from, int element) throws CheckpointException {
    for (int i = from; i < values.position(); i++) {
      if (!Float.isFinite(values.get(i))) {
        throw failure(
            "element %d of %d is %s as float32"
                .formatted(element + i - from, extents.elements(), values.get(i)));
      }
    }
  }

  private CheckpointException failure(String reason) {
    return record.file().failure(name + ": " + reason);
  }
}
