package io.voiceprint.checkpoint;

import io.voiceprint.number.Float16;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Element type of a stored tensor. */
public enum DType {
  FLOAT64(8),
  FLOAT32(4),
  FLOAT16(2),
  BFLOAT16(2),
  INT64(8),
  INT32(4),
  INT16(2),
  INT8(1),
  UINT8(1),
  BOOL(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether its values are floating-point numbers, which weights are. */
  public boolean isFloatingPoint() {
    return switch (this) {
      case FLOAT64, FLOAT32, FLOAT16, BFLOAT16 -> true;
      default -> false;
    };
  }

  /**
   * Converts elements {@code from}, {@code from + stride}, … of little-endian bytes.
   *
   * @param to whose position moves by {@code count}
   */
  void decode(ByteBuffer bytes, int from, int stride, FloatBuffer to, int count) {
    switch (this) {
      case FLOAT32 -> {
        FloatBuffer floats = bytes.asFloatBuffer();
        if (stride == 1) {
          to.put(floats.slice(from, count));
          return;
        }
        for (int i = 0; i < count; i++) {
          to.put(floats.get(from + i * stride));
        }
      }
      case FLOAT64 -> {
        for (int i = 0; i < count; i++) {
          to.put((float) bytes.getDouble((from + i * stride) * Double.BYTES));
        }
      }
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          to.put(Float16.toFloat(bytes.getShort((from + i * stride) * Short.BYTES)));
        }
      }
      case BFLOAT16 -> {
        // The upper half of a float32.
        for (int i = 0; i < count; i++) {
          short upper = bytes.getShort((from + i * stride) * Short.BYTES);
          to.put(Float.intBitsToFloat(upper << 16));
        }
      }
      default -> throw new IllegalArgumentException("no floating-point type: " + this);
    }
  }
}
