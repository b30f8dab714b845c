package io.voiceprint.checkpoint;

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

  public boolean isFloatingPoint() {
    return switch (this) {
      case FLOAT64, FLOAT32, FLOAT16, BFLOAT16 -> true;
      default -> false;
    };
  }
}
