package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaunchShapeTest {
  @Test
  void largestExtentsAreAllowed() {
    LaunchShape shape = new LaunchShape(Integer.MAX_VALUE, 65535, 65535, 32, 32, 1, 232448);
    assertEquals(
        "grid=(2147483647, 65535, 65535), block=(32, 32, 1), sharedBytes=232448", shape.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "0,1,1,32,1,1,0",
    "1,0,1,32,1,1,0",
    "1,1,-1,32,1,1,0",
    "1,1,1,0,1,1,0",
    "1,65536,1,32,1,1,0",
    "1,1,65536,32,1,1,0",
    "1,1,1,1025,1,1,0",
    "1,1,1,32,33,1,0",
    "1,1,1,65536,65536,1,0",
    "1,1,1,32,1,1,-1"
  })
  void whatNoDeviceTakesIsRefusedWithItsNumbers(
      int gx, int gy, int gz, int bx, int by, int bz, int shared) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new LaunchShape(gx, gy, gz, bx, by, bz, shared));
    assertTrue(e.getMessage().contains("grid=(" + gx + ", " + gy), e.getMessage());
    assertTrue(e.getMessage().contains("block=(" + bx + ", " + by), e.getMessage());
  }
}
