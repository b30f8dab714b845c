package io.voiceprint.engine.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RoundingTest {

  @ParameterizedTest
  @CsvSource({
    "1.0, 1.0",
    "1.00048828125, 1.0", // a tie between 1 and 1 + 2^-10: to even
    "1.00146484375, 1.001953125", // a tie between 1 + 2^-10 and 1 + 2^-9: to even
    "0.1, 0.0999755859375",
    "65504, 65504",
    "65519, 65504",
    "65520, Infinity",
    "-1e9, -Infinity",
    "5.9604645e-8, 5.9604645e-8", // the smallest subnormal
    "2.9802322e-8, 0.0", // half of it: to even
    "6.1035156e-5, 6.1035156e-5", // the smallest normal
    "NaN, NaN"
  })
  void halfPrecision(float x, float rounded) {
    assertEquals(rounded, Rounding.FP16.round(x));
  }

  @ParameterizedTest
  @CsvSource({
    "1.00390625, 1.0",
    "1.01171875, 1.015625",
    "3.3e38, 3.2964854e38",
    "-0.0, -0.0",
    "Infinity, Infinity"
  })
  void bfloat16(float x, float rounded) {
    assertEquals(rounded, Rounding.BF16.round(x));
  }

  @ParameterizedTest
  @EnumSource(Rounding.class)
  void roundingIsIdempotentMonotonicAndWithinHalfAUnit(Rounding rounding) {
    Random random = new Random(4);
    double unit =
        switch (rounding) {
          case NONE -> 0;
          case TF32, FP16 -> 0x1p-11;
          case BF16 -> 0x1p-8;
        };
    float previous = Float.NEGATIVE_INFINITY;
    float[] values = new float[2000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(6) - 3));
    }
    Arrays.sort(values);
    for (float x : values) {
      float y = rounding.round(x);
      assertEquals(y, rounding.round(y));
      assertTrue(y >= previous, () -> x + " rounds below its predecessor");
      assertTrue(Math.abs(y - x) <= unit * Math.abs(x) + 0x1p-25, () -> x + " rounds to " + y);
      previous = y;
    }
  }

  @Test
  void aRangeIsRoundedInPlaceAndNothingElse() {
    float[] x = {0.1f, 0.1f, 0.1f, 0.1f};
    Rounding.BF16.round(x, 1, 2);
    assertEquals(0.1f, x[0]);
    assertEquals(Rounding.BF16.round(0.1f), x[1]);
    assertEquals(Rounding.BF16.round(0.1f), x[2]);
    assertEquals(0.1f, x[3]);
  }
}
