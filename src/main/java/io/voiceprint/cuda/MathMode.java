package io.voiceprint.cuda;

/** Storage of operands and how products are formed; sums are always float32. */
public enum MathMode {
  /** float32 operands, float32 products. */
  FP32(Float.BYTES),
  /** float32 operands, rounded to 10 mantissa bits for tensor cores. */
  TF32(Float.BYTES),
  /** float16 operands and results on tensor cores. */
  FP16(Short.BYTES);

  private final int elementBytes;

  MathMode(int elementBytes) {
    this.elementBytes = elementBytes;
  }

  /** Bytes of one stored element. */
  public int elementBytes() {
    return elementBytes;
  }
}
