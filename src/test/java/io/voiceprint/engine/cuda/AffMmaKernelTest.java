package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;
import static io.voiceprint.engine.cuda.TestRow.oneOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.cuda.MathMode;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attentional fusion on tensor cores against plain Java, on random shapes and ragged clips. */
@Tag("gpu")
class AffMmaKernelTest {
  private static final int SHAPES = 6;

  /**
   * An s that is all but in the middle of two neighbours of 11 bits may become the other one. They
   * lie 2^-9 apart below 4, where all are; times a weight of at most 0.36 and |x - y| of at most 2.
   */
  private static final double OTHER_NEIGHBOUR = 1.5e-3;

  @ParameterizedTest
  @EnumSource(names = {"TF32", "FP16"})
  void fusesPixelByPixel(MathMode mode) {
    for (int seed = 0; seed < SHAPES; seed++) {
      Random random = new Random(seed);
      TestRow row = TestRow.ragged(random);
      int timeStride = oneOf(random, 1, 2, 8);
      int rows = oneOf(random, 1, 3, 5);
      int channels = oneOf(random, 16, 48, 112);
      PlainFusion fusion = PlainFusion.random(random, channels, oneOf(random, 16, 32, 48));
      int[] owner = row.columnClips(timeStride);
      // Values in gaps, which the kernel must not let through.
      float[] x = TestRow.floats(random, rows * owner.length * channels, -1, 1);
      float[] y = TestRow.floats(random, x.length, -1, 1);
      try (KernelBench bench = KernelBench.open(mode)) {
        assumeTrue(
            bench.kernels().affMma.obstacle(channels, fusion.inner()).isEmpty(),
            "no tensor cores for " + mode + " on this device");
        float[] actual = run(bench, fusion, row, timeStride, x, y);
        assertNear(
            TestRow.masked(fusion.fused(bench, x, y), owner, channels),
            actual,
            OTHER_NEIGHBOUR,
            bench.tolerance());
        TestRow single = row.single(1);
        assertArrayEquals(
            row.alone(actual, 1, single, rows, channels, timeStride),
            run(
                bench,
                fusion,
                single,
                timeStride,
                row.alone(x, 1, single, rows, channels, timeStride),
                row.alone(y, 1, single, rows, channels, timeStride)));
      }
    }
  }

  @Test
  void isNotForFloat32() {
    try (KernelBench bench = KernelBench.open(MathMode.FP32)) {
      assertTrue(bench.kernels().affMma.obstacle(16, 16).isPresent());
    }
  }

  private static float[] run(
      KernelBench bench, PlainFusion fusion, TestRow row, int timeStride, float[] x, float[] y) {
    int channels = fusion.channels();
    int pixels = x.length / channels;
    int columns = row.columns(timeStride);
    KernelBench.Image out = bench.image(pixels, channels, channels + 24, 16);
    bench.run(
        bench
            .kernels()
            .affMma
            .fused(
                new AffCall(
                    bench.image(x, channels, channels + 8, 8).view(),
                    bench.image(y, channels, channels, 0).view(),
                    out.view(),
                    bench.ints(row.columnClips(timeStride)).address(),
                    pixels / columns,
                    columns,
                    channels,
                    fusion.inner()),
                fusion.upload(bench)));
    return out.read();
  }
}
