package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.voiceprint.cuda.MathMode;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** What holds for every kernel that has tiles of several shapes to compute a row with. */
final class Tiles {
  private Tiles() {}

  /**
   * There are tiles, and all of them give the same bits.
   *
   * @param what the tiles are for, for messages
   * @return what they give
   */
  static <T> float[] sameInEach(List<T> tiles, Object what, Function<T, float[]> run) {
    assertFalse(tiles.isEmpty(), what.toString());
    float[] first = run.apply(tiles.get(0));
    for (T tile : tiles.subList(1, tiles.size())) {
      assertArrayEquals(first, run.apply(tile), "tile " + tile);
    }
    return first;
  }

  /**
   * There are none.
   *
   * @param tiles of channels that the kernel does not take, by the number of which it takes
   *     multiples
   */
  static void assertNone(MathMode mode, BiFunction<KernelSet, Integer, List<?>> tiles) {
    try (KernelBench bench = KernelBench.open(mode)) {
      KernelSet kernels = bench.kernels();
      assertEquals(List.of(), tiles.apply(kernels, kernels.products.multiple()));
    }
  }
}
