package io.voiceprint.number;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class Float16Test {

  @Test
  void everyPatternSurvivesTheRoundTrip() {
    for (int bits = 0; bits <= 0xffff; bits++) {
      float value = Float16.toFloat((short) bits);
      int back = Float16.fromFloat(value) & 0xffff;
      if (Float.isNaN(value)) {
        assertTrue((back & 0x7c00) == 0x7c00 && (back & 0x3ff) != 0, () -> "NaN gave " + back);
      } else {
        assertEquals(bits, back);
      }
    }
  }

  @Test
  void valuesAreThoseOfTheFormat() {
    assertEquals(1f, Float16.toFloat((short) 0x3c00));
    assertEquals(-2f, Float16.toFloat((short) 0xc000));
    assertEquals(65504f, Float16.toFloat((short) 0x7bff));
    assertEquals(0x1p-24f, Float16.toFloat((short) 1));
    assertEquals(0x1p-14f, Float16.toFloat((short) 0x0400));
    assertEquals(Float.NEGATIVE_INFINITY, Float16.toFloat((short) 0xfc00));
  }

  @Test
  void midpointsGoToTheEvenNeighbourAndTheRestToTheNearest() {
    for (int low = 0; low < 0x7bff; low++) {
      int high = low + 1;
      float middle = (Float16.toFloat((short) low) + Float16.toFloat((short) high)) / 2;
      assertEquals(low % 2 == 0 ? low : high, Float16.fromFloat(middle));
      assertEquals(low, Float16.fromFloat(Math.nextDown(middle)));
      assertEquals(high, Float16.fromFloat(Math.nextUp(middle)));
      assertEquals((short) (low | 0x8000), Float16.fromFloat(-Math.nextDown(middle)));
    }
    assertEquals(0x7bff, Float16.fromFloat(Math.nextDown(65520f)));
    assertEquals(0x7c00, Float16.fromFloat(65520f));
  }
}
