package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.TestRow.oneOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.voiceprint.cuda.MathMode;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values move and none is changed but by the rounding of features: equal to the bit. */
@Tag("gpu")
class FlattenKernelTest {
  private static final int SHAPES = 8;

  /** For each output a place that it comes from, or the row -1 for none. */
  private record Sources(int[] rows, int[] channels) {
    static Sources random(Random random, int outputs, int rowCount, int channelCount) {
      int[] rows = random.ints(outputs, -1, rowCount).toArray();
      int[] channels = random.ints(outputs, 0, channelCount).toArray();
      for (int j = 0; j < outputs; j++) {
        channels[j] = rows[j] < 0 ? -1 : channels[j];
      }
      return new Sources(rows, channels);
    }

    FlattenKernel.Sources upload(KernelBench bench) {
      return new FlattenKernel.Sources(bench.ints(rows).address(), bench.ints(channels).address());
    }

    /** (columns, outputs) of x, whose places lie so far apart. */
    float[] of(float[] x, int[] owner, int rowStride, int columnStride) {
      float[] y = new float[owner.length * rows.length];
      for (int i = 0; i < y.length; i++) {
        int t = i / rows.length;
        int j = i % rows.length;
        y[i] =
            owner[t] == PackedRow.GAP || rows[j] < 0
                ? 0
                : x[rows[j] * rowStride + t * columnStride + channels[j]];
      }
      return y;
    }
  }

  @ParameterizedTest
  @EnumSource
  void takesChannelsAndFrequenciesOfAMapAsChannels(MathMode mode) {
    for (int seed = 0; seed < SHAPES; seed++) {
      Random random = new Random(seed);
      int[] owner = TestRow.ragged(random).columnClips(oneOf(random, 1, 2, 8));
      int rows = oneOf(random, 1, 3, 10);
      int channels = 8 * oneOf(random, 1, 3, 5);
      int outputs = 8 * oneOf(random, 1, 3, 33, 40);
      Sources sources = Sources.random(random, outputs, rows, channels);
      float[] x = TestRow.floats(random, rows * owner.length * channels, -9, 9);
      try (KernelBench bench = KernelBench.open(mode)) {
        KernelBench.Image y = bench.image(owner.length, outputs, outputs + 16, 8);
        bench.run(
            bench
                .kernels()
                .flatten
                .map(
                    bench.image(x, channels, channels + 8, 8).view(),
                    sources.upload(bench),
                    bench.ints(owner).address(),
                    y.view(),
                    owner.length,
                    outputs));
        assertArrayEquals(
            sources.of(bench.rounded(x), owner, owner.length * channels, channels), y.read());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void takesTheBinsOfFeaturesAsChannels(MathMode mode) {
    for (int seed = 0; seed < SHAPES; seed++) {
      Random random = new Random(seed);
      int[] owner = TestRow.ragged(random).columnClips(1);
      int bins = oneOf(random, 1, 23, 80);
      int outputs = 8 * oneOf(random, 1, 3, 10);
      Sources sources = Sources.random(random, outputs, bins, 1);
      float[] features = TestRow.floats(random, owner.length * bins, -9, 9);
      try (KernelBench bench = KernelBench.open(mode)) {
        KernelBench.Image y = bench.image(owner.length, outputs, outputs + 8, 0);
        bench.run(
            bench
                .kernels()
                .flatten
                .features(
                    bench.floats(features).address(),
                    bins,
                    sources.upload(bench),
                    bench.ints(owner).address(),
                    y.view(),
                    owner.length,
                    outputs));
        assertArrayEquals(bench.rounded(sources.of(features, owner, 1, bins)), y.read());
      }
    }
  }
}
