package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("gpu")
class StemConvKernelTest {

  @ParameterizedTest
  @CsvSource({"FP32, 80, 8", "FP32, 17, 40", "FP32, 1, 8", "FP16, 80, 32", "FP16, 33, 8"})
  void convolvesTheFeatures(MathMode mode, int bins, int channels) {
    Random random = new Random(bins);
    TestRow row = TestRow.of(List.of(3, 17, 1), 8);
    int columns = row.columns();
    int[] owner = row.columnClips(1);
    float[] x = row.activations(random, 1, bins, bins, 1, -4, 4);
    float[] weights = TestRow.floats(random, 9 * channels, -1, 1);
    float[] bias = TestRow.floats(random, channels, -1, 1);
    double[] expected = new double[bins * columns * channels];
    for (int i = 0; i < expected.length; i++) {
      int c = i % channels;
      int t = i / channels % columns;
      int f = i / channels / columns;
      double sum = bias[c];
      for (int k = 0; k < 9; k++) {
        int from = t + k % 3 - 1;
        int bin = f + k / 3 - 1;
        if (from >= 0 && from < columns && bin >= 0 && bin < bins) {
          sum += (double) weights[k * channels + c] * x[from * bins + bin];
        }
      }
      expected[i] = owner[t] == PackedRow.GAP ? 0 : Math.max(sum, 0);
    }
    try (KernelBench bench = KernelBench.open(mode)) {
      KernelBench.Image y = bench.image(bins * columns, channels, channels + 8, 8);
      bench.run(
          bench
              .kernels()
              .stemConv
              .launch(
                  bench.floats(x).address(),
                  bench.ints(row.clipTable()).address(),
                  ClipSums.NONE,
                  bench.floats(weights).address(),
                  bench.floats(bias).address(),
                  bench.ints(owner).address(),
                  y.view(),
                  bins,
                  columns,
                  channels,
                  Activation.RELU));
      assertNear(expected, y.read(), bench.tolerance(), bench.tolerance());
    }
  }
}
