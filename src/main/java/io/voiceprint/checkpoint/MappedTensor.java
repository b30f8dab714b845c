package io.voiceprint.checkpoint;

import io.voiceprint.number.Float16;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor that is a, possibly strided, view of a mapped record. */
final class MappedTensor implements StoredTensor {
  private final String name;
  private final DType dtype;
  private final Extents extents;
  private final MappedRecord record;
  private final long firstElement;

  /**
   * Checks that the view lies within the record.
   *
   * @param firstElement offset of the first element from the start of the record, in elements
   */
  MappedTensor(String name, DType dtype, Extents extents, MappedRecord record, long firstElement)
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
    if (extents.span() * dtype.bytes() > MappedFile.STEP) {
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
  public float[] readFloats() throws CheckpointException {
    if (!dtype.isFloatingPoint()) {
      throw failure("is of type " + dtype + ", expected a floating-point type");
    }
    ByteBuffer bytes = bytes();
    float[] values = new float[(int) extents.elements()];
    if (extents.isContiguous()) {
      decode(dtype, bytes, 0, 1, values, 0, values.length);
    } else {
      gather(bytes, 0, 0, values, 0);
    }
    requireFinite(values);
    return values;
  }

  /** The bytes from the first to the last element that the view reaches, little-endian. */
  ByteBuffer bytes() throws CheckpointException {
    long length = extents.span() * dtype.bytes();
    return record.bytes(firstElement * dtype.bytes(), length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Copies the sub-tensor at {@code from} of the given dimension; returns the next free index. */
  private int gather(ByteBuffer bytes, int dimension, long from, float[] to, int at) {
    int count = extents.shape()[dimension];
    long stride = extents.strides()[dimension];
    if (dimension == extents.shape().length - 1) {
      decode(dtype, bytes, (int) from, (int) stride, to, at, count);
      return at + count;
    }
    int next = at;
    for (int i = 0; i < count; i++) {
      next = gather(bytes, dimension + 1, from + i * stride, to, next);
    }
    return next;
  }

  /** Converts elements {@code from}, {@code from + stride}, … of little-endian bytes. */
  static void decode(
      DType dtype, ByteBuffer bytes, int from, int stride, float[] to, int at, int count) {
    switch (dtype) {
      case FLOAT32 -> {
        for (int i = 0; i < count; i++) {
          to[at + i] = bytes.getFloat((from + i * stride) * Float.BYTES);
        }
      }
      case FLOAT64 -> {
        for (int i = 0; i < count; i++) {
          to[at + i] = (float) bytes.getDouble((from + i * stride) * Double.BYTES);
        }
      }
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          to[at + i] = Float16.toFloat(bytes.getShort((from + i * stride) * Short.BYTES));
        }
      }
      case BFLOAT16 -> {
        // The upper half of a float32.
        for (int i = 0; i < count; i++) {
          short upper = bytes.getShort((from + i * stride) * Short.BYTES);
          to[at + i] = Float.intBitsToFloat(upper << 16);
        }
      }
      default -> throw new IllegalArgumentException("no floating-point type: " + dtype);
    }
  }

  private void requireFinite(float[] values) throws CheckpointException {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw failure("element " + i + " of " + values.length + " is " + values[i] + " as float32");
      }
    }
  }

  private CheckpointException failure(String reason) {
    return record.file().failure(name + ": " + reason);
  }
}
