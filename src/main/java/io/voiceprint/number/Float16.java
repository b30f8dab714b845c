package io.voiceprint.number;

/**
 * Conversion between float32 and the IEEE 754 binary16 format (1 sign, 5 exponent, 10 fraction
 * bits), which the Java 17 library does not have.
 */
public final class Float16 {

  private Float16() {}

  /** The float32 of the same value; exact for every bit pattern. */
  public static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >>> 10) & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      // Zero and subnormals: fraction * 2^-24, exact in float32.
      return Float.intBitsToFloat(Float.floatToRawIntBits(fraction * 0x1p-24f) | sign);
    }
    int bits = exponent == 0x1f ? 0x7f800000 : (exponent + 127 - 15) << 23;
    return Float.intBitsToFloat(sign | bits | fraction << 13);
  }

  /** The nearest binary16, ties to even; magnitudes of 65520 and more give infinity. */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 0x477ff000) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) {
      // Below 2^-14: counts of 2^-24. Scaling is exact, Math.rint rounds ties to even.
      return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24));
    }
    int rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
    return (short) (sign | (rounded - ((127 - 15) << 23)) >>> 13);
  }
}
