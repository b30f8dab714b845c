package io.voiceprint.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor of an ONNX file, contiguous and little-endian, wherever its bytes lie.
 *
 * @param file for messages
 * @param bytes as many as type and shape ask for; {@code null} if they lie in a file
 * @param range the elements where they lie in a file; else {@code null}
 */
record OnnxTensor(
    WeightFile file, String name, DType dtype, Extents extents, ByteBuffer bytes, FileTensor range)
    implements StoredTensor {
  private static final int MAX_INTEGERS = 1 << 12;

  OnnxTensor {
    bytes = bytes == null ? null : bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
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
    if (range != null) {
      return range.reader();
    }
    int[] next = {0};
    return into -> {
      int begin = into.position();
      dtype.decode(bytes, next[0], 1, into, into.remaining());
      for (int i = begin; i < into.limit(); i++, next[0]++) {
        if (!Float.isFinite(into.get(i))) {
          throw failure(
              "element " + next[0] + " of " + elements() + " is " + into.get(i) + " as float32");
        }
      }
    };
  }

  /** The elements of a tensor of int32 or int64, which are few: axes, extents, indices. */
  List<Long> readIntegers() throws CheckpointException {
    if (elements() > MAX_INTEGERS) {
      throw failure(
          "has %d whole numbers, at most %d are read".formatted(elements(), MAX_INTEGERS));
    }
    ByteBuffer elements = range == null ? bytes : range.bytes();
    List<Long> values = new ArrayList<>();
    for (int i = 0; i < elements(); i++) {
      values.add(
          switch (dtype) {
            case INT64 -> elements.getLong(i * Long.BYTES);
            case INT32 -> (long) elements.getInt(i * Integer.BYTES);
            default -> throw failure("is of type " + dtype + ", expected int32 or int64");
          });
    }
    return values;
  }

  private CheckpointException failure(String reason) {
    return file.failure("tensor \"" + name + "\": " + reason);
  }
}
