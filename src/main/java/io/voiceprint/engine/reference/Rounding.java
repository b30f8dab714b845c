package io.voiceprint.engine.reference;

import io.voiceprint.engine.Precision;

/** Rounds float32 values to a narrower format, to nearest, ties to even. */
enum Rounding {
  NONE,
  /** 10 mantissa bits, 8 exponent bits: what tensor cores keep of a float32 operand. */
  TF32,
  /** IEEE 754 binary16: 10 mantissa bits, 5 exponent bits. */
  FP16,
  /** 7 mantissa bits, 8 exponent bits. */
  BF16;

  private static final float FP16_MAX = 65504f;
  private static final float FP16_MIN_NORMAL = 0x1p-14f;
  private static final float FP16_MIN_SUBNORMAL = 0x1p-24f;

  static Rounding of(Precision precision) {
    return switch (precision) {
      case FP32 -> NONE;
      case TF32 -> TF32;
      case FP16 -> FP16;
      case BF16 -> BF16;
    };
  }

  float round(float x) {
    return switch (this) {
      case NONE -> x;
      case TF32 -> keepMantissaBits(x, 10);
      case BF16 -> keepMantissaBits(x, 7);
      case FP16 -> roundToHalf(x);
    };
  }

  /** Rounds {@code count} elements from {@code offset} on, in place. */
  void round(float[] x, int offset, int count) {
    if (this == NONE) {
      return;
    }
    for (int i = offset; i < offset + count; i++) {
      x[i] = round(x[i]);
    }
  }

  private static float keepMantissaBits(float x, int bits) {
    if (!Float.isFinite(x)) {
      return x;
    }
    int dropped = 23 - bits;
    int raw = Float.floatToRawIntBits(x);
    int half = (1 << (dropped - 1)) - 1 + ((raw >>> dropped) & 1);
    return Float.intBitsToFloat((raw + half) & -(1 << dropped));
  }

  private static float roundToHalf(float x) {
    float magnitude = Math.abs(x);
    if (magnitude < FP16_MIN_NORMAL) {
      return (float) Math.rint(x / FP16_MIN_SUBNORMAL) * FP16_MIN_SUBNORMAL;
    }
    float rounded = keepMantissaBits(x, 10);
    return Math.abs(rounded) > FP16_MAX ? Math.copySign(Float.POSITIVE_INFINITY, x) : rounded;
  }
}
