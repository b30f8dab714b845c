package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Statistics;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("gpu")
class StatsPoolKernelTest {
  private static final StatsPoolKernel.Variance UNBIASED = StatsPoolKernel.Variance.unbiased(1e-8);

  @ParameterizedTest
  @CsvSource({
    "FP32, MEAN_AND_STANDARD_DEVIATION, 8, 10, 8, 300",
    "FP32, MEAN, 13, 3, 1, 33",
    "FP32, STANDARD_DEVIATION, 264, 1, 2, 127",
    "FP16, MEAN_AND_STANDARD_DEVIATION, 26, 5, 4, 1021",
    "FP16, MEAN, 8, 1, 1, 1",
    "FP16, STANDARD_DEVIATION, 40, 2, 8, 17",
  })
  void takesStatisticsOfEachClip(
      MathMode mode, Statistics statistics, int channels, int rows, int timeStride, int frames) {
    Random random = new Random(channels * 31L + frames);
    TestRow row = TestRow.of(List.of(31, frames, 9 * timeStride), 16);
    int padded = RowGeometry.roundUp(channels, 8);
    FeatureMap map = new FeatureMap(channels, rows, timeStride);
    // A small spread around a large mean, where one-pass formulas fail.
    float[] x = row.activations(random, rows, padded, channels, timeStride, 17, 17.5f);
    TestRow single = TestRow.of(List.of(frames), 0);
    try (KernelBench bench = KernelBench.open(mode)) {
      float[] actual = pooled(bench, row, x, map, padded, statistics, UNBIASED);
      double[] expected = expected(row, bench.rounded(x), map, padded, statistics, UNBIASED);
      assertNear(expected, actual, 2e-6, 2e-6);
      int size = statistics.count() * channels * rows;
      assertArrayEquals(
          Arrays.copyOfRange(actual, size, 2 * size),
          pooled(
              bench,
              single,
              row.alone(x, 1, single, rows, padded, timeStride),
              map,
              padded,
              statistics,
              UNBIASED));
    }
  }

  /** A clip of one column has no variance; of the others' about half are above the floor. */
  @ParameterizedTest
  @EnumSource(names = {"FP32", "FP16"})
  void aSmallVarianceIsRaisedToTheFloor(MathMode mode) {
    Random random = new Random(4);
    TestRow row = TestRow.of(List.of(9, 1, 33), 8);
    FeatureMap map = new FeatureMap(21, 3, 2);
    StatsPoolKernel.Variance variance = new StatsPoolKernel.Variance(0, 0, 0.02);
    float[] x = row.activations(random, 3, 24, 21, 2, 17, 17.5f);
    Statistics both = Statistics.MEAN_AND_STANDARD_DEVIATION;
    try (KernelBench bench = KernelBench.open(mode)) {
      assertNear(
          expected(row, bench.rounded(x), map, 24, both, variance),
          pooled(bench, row, x, map, 24, both, variance),
          2e-6,
          2e-6);
    }
  }

  private static float[] pooled(
      KernelBench bench,
      TestRow row,
      float[] x,
      FeatureMap map,
      int padded,
      Statistics statistics,
      StatsPoolKernel.Variance variance) {
    int clips = row.row().clips();
    KernelBench.Array out =
        bench.floats(clips * statistics.count() * map.channels() * map.frequency());
    bench.run(
        bench
            .kernels()
            .statsPool
            .launch(
                bench.ints(row.clipTable()).address(),
                clips,
                bench.image(x, padded, padded + 8, 8).view(),
                out.address(),
                map,
                row.columns(map.timeStride()),
                statistics,
                variance));
    return out.read();
  }

  private static double[] expected(
      TestRow row,
      float[] x,
      FeatureMap map,
      int padded,
      Statistics statistics,
      StatsPoolKernel.Variance variance) {
    int size = map.channels() * map.frequency();
    double[] out = new double[row.row().clips() * statistics.count() * size];
    int begin = 0;
    for (int clip = 0; clip < row.row().clips(); clip++) {
      int n = row.count(clip, map.timeStride());
      int deviations = begin + (statistics.hasMean() ? size : 0);
      for (int i = 0; i < size; i++) {
        int c = i / map.frequency();
        int f = i % map.frequency();
        int at = f * row.columns(map.timeStride()) + row.first(clip, map.timeStride());
        double mean = 0;
        for (int t = 0; t < n; t++) {
          mean += x[(at + t) * padded + c] / (double) n;
        }
        if (statistics.hasMean()) {
          out[begin + i] = mean;
        }
        if (statistics.hasStandardDeviation()) {
          double squares = 0;
          for (int t = 0; t < n; t++) {
            double d = x[(at + t) * padded + c] - mean;
            squares += d * d;
          }
          double spread = squares / (n - variance.correction()) + variance.epsilon();
          out[deviations + i] = Math.sqrt(Math.max(spread, variance.floor()));
        }
      }
      begin += statistics.count() * size;
    }
    return out;
  }
}
