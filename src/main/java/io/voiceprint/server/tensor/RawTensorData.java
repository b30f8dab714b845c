package io.voiceprint.server.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Elements as bytes, the same in REST's binary tensor data and gRPC's raw contents: little-endian,
 * row-major, without gaps; each element of BYTES behind its length in four bytes.
 */
public final class RawTensorData {
  private RawTensorData() {}

  /**
   * Reads all elements of a tensor.
   *
   * @param raw its bytes, all of them
   * @throws TensorException if they are not as many as type and shape say
   */
  public static TensorData read(String name, DataType type, List<Long> shape, ByteBuffer raw) {
    ByteBuffer bytes = raw.slice().order(ByteOrder.LITTLE_ENDIAN);
    long elements = Tensor.elements(name, shape);
    if (type == DataType.BYTES) {
      return strings(name, elements, bytes);
    }
    if (elements * type.size() != bytes.remaining()) {
      throw new TensorException(
          "tensor '%s': shape %s of %s takes %d bytes, but there are %d"
              .formatted(name, shape, type, elements * type.size(), bytes.remaining()));
    }
    return switch (type) {
      case FP32 -> {
        float[] values = new float[(int) elements];
        bytes.asFloatBuffer().get(values);
        yield new TensorData.Floats(values);
      }
      case INT16 -> {
        short[] values = new short[(int) elements];
        bytes.asShortBuffer().get(values);
        yield new TensorData.Shorts(values);
      }
      default -> new TensorData.Integers(integers(type, (int) elements, bytes));
    };
  }

  private static long[] integers(DataType type, int elements, ByteBuffer bytes) {
    long[] values = new long[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = type == DataType.INT64 ? bytes.getLong() : bytes.getInt();
    }
    return values;
  }

  private static TensorData strings(String name, long elements, ByteBuffer bytes) {
    TensorData.Strings.requireFew(name, elements);
    List<ByteBuffer> values = new ArrayList<>();
    while (bytes.hasRemaining()) {
      if (bytes.remaining() < Integer.BYTES) {
        throw new TensorException("tensor '%s': its bytes break off".formatted(name));
      }
      long length = Integer.toUnsignedLong(bytes.getInt());
      if (length > bytes.remaining()) {
        throw new TensorException(
            "tensor '%s': element %d says it has %d bytes, but %d are left"
                .formatted(name, values.size(), length, bytes.remaining()));
      }
      values.add(bytes.slice(bytes.position(), (int) length));
      bytes.position(bytes.position() + (int) length);
      if (values.size() > elements) {
        break; // Refused by the count that the shape is checked against.
      }
    }
    return new TensorData.Strings(values);
  }

  /** The bytes of a tensor (n, D) of FP32. */
  public static byte[] write(List<float[]> rows) {
    int values = rows.stream().mapToInt(row -> row.length).sum();
    ByteBuffer bytes = ByteBuffer.allocate(values * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float[] row : rows) {
      for (float value : row) {
        bytes.putFloat(value);
      }
    }
    return bytes.array();
  }
}
