package io.voiceprint.server.tensor;

/** Element types of the protocol that these models have. */
public enum DataType {
  /** Byte strings. */
  BYTES(0),
  INT16(Short.BYTES),
  INT32(Integer.BYTES),
  INT64(Long.BYTES),
  FP32(Float.BYTES);

  private final int size;

  DataType(int size) {
    this.size = size;
  }

  /** Bytes of an element; 0 if they differ. */
  int size() {
    return size;
  }

  /**
   * The type of this name.
   *
   * @param tensor whose type it is, for messages
   * @throws TensorException if it is none of these
   */
  public static DataType of(String tensor, String name) {
    for (DataType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw new TensorException(
        "tensor '%s': datatype '%s' is not BYTES, INT16, INT32, INT64 or FP32"
            .formatted(tensor, name));
  }
}
