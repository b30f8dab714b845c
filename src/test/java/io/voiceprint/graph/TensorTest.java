package io.voiceprint.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class TensorTest {
  private static final float[] ELEMENTS = {1, 2, 3, 4, 5, 6};

  @Test
  void readsInMemoryAndElsewhereAlike() {
    Tensor kept = Tensor.of(ELEMENTS, 2, 3);
    for (Tensor tensor : new Tensor[] {kept, Tensor.stored(kept::reader, 2, 3)}) {
      assertEquals(6, tensor.elements());
      assertArrayEquals(ELEMENTS, tensor.data());
      Tensor.Reader reader = tensor.reader();
      FloatBuffer some = FloatBuffer.allocate(4);
      reader.read(some.limit(4));
      reader.read(some.flip().limit(2));
      assertArrayEquals(new float[] {5, 6, 3, 4}, some.array());
      assertArrayEquals(ELEMENTS, tensor.reshaped(3, 1, 2).data());
      assertArrayEquals(new int[] {3, 1, 2}, tensor.reshaped(3, 1, 2).shape());
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    Tensor tensor = Tensor.of(ELEMENTS, 6);
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(ELEMENTS, 2, 2));
    assertThrows(IllegalArgumentException.class, () -> tensor.reshaped(5));
  }
}
