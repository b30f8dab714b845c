package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;

import io.voiceprint.cuda.MathMode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("gpu")
class AffKernelTest {

  @ParameterizedTest
  @CsvSource({
    "FP32, 8, 1, 1, 1",
    "FP32, 16, 7, 3, 2",
    "FP32, 64, 16, 2, 4",
    "FP32, 264, 8, 1, 8",
    "FP16, 24, 6, 3, 1",
    "FP16, 64, 16, 1, 2",
    "FP16, 104, 33, 2, 8",
  })
  void fusesInOneKernelAndInPieces(
      MathMode mode, int channels, int inner, int rows, int timeStride) {
    Random random = new Random(channels);
    TestRow row = TestRow.of(List.of(9, 31, 1), 8);
    int[] owner = row.columnClips(timeStride);
    int columns = owner.length;
    int pixels = rows * columns;
    float[] x = row.activations(random, rows, channels, channels, timeStride, 0, 4);
    float[] y = row.activations(random, rows, channels, channels, timeStride, -4, 4);
    float[] squeeze = TestRow.floats(random, 2 * channels * inner, -0.3f, 0.3f);
    float[] squeezeBias = TestRow.floats(random, inner, -1, 1);
    float[] expand = TestRow.floats(random, inner * channels, -0.3f, 0.3f);
    float[] expandBias = TestRow.floats(random, channels, -1, 1);
    try (KernelBench bench = KernelBench.open(mode)) {
      float[] heldX = bench.rounded(x);
      float[] heldY = bench.rounded(y);
      float[] squeezed = new float[pixels * inner];
      float[] gates = new float[pixels * channels];
      double[] activated = new double[squeezed.length];
      for (int i = 0; i < squeezed.length; i++) {
        int pixel = i / inner;
        double sum = 0;
        for (int c = 0; c < channels; c++) {
          sum +=
              (double) squeeze[c * inner + i % inner] * heldX[pixel * channels + c]
                  + (double) squeeze[(channels + c) * inner + i % inner]
                      * heldY[pixel * channels + c];
        }
        squeezed[i] = (float) sum;
        activated[i] = silu(sum + squeezeBias[i % inner]);
      }
      double[] expected = new double[gates.length];
      for (int i = 0; i < gates.length; i++) {
        double sum = 0;
        for (int r = 0; r < inner; r++) {
          sum += expand[r * channels + i % channels] * activated[i / channels * inner + r];
        }
        gates[i] = (float) sum;
        expected[i] = blend(heldX[i], heldY[i], sum + expandBias[i % channels]);
      }

      KernelBench.Image inX = bench.image(x, channels, channels + 8, 8);
      KernelBench.Image inY = bench.image(y, channels, channels, 0);
      KernelBench.Image out = bench.image(pixels, channels, 2 * channels, channels);
      long columnClip = bench.ints(owner).address();
      long deviceExpandBias = bench.floats(expandBias).address();
      long deviceSqueezeBias = bench.floats(squeezeBias).address();
      AffKernel kernel = bench.kernels().aff;
      bench.run(
          kernel.fused(
              new AffCall(
                  inX.view(), inY.view(), out.view(), columnClip, rows, columns, channels, inner),
              new GateSlots.Addresses(
                  bench.floats(squeeze).address(),
                  deviceSqueezeBias,
                  bench.floats(expand).address(),
                  deviceExpandBias)));
      assertNear(expected, out.read(), 2 * bench.tolerance(), bench.tolerance());

      KernelBench.Array gate = bench.stored(gates);
      bench.run(
          kernel.gateBlend(
              gate.address(),
              deviceExpandBias,
              inX.view(),
              inY.view(),
              inX.view(),
              columnClip,
              rows,
              columns,
              channels));
      for (int i = 0; i < gates.length; i++) {
        expected[i] =
            blend(heldX[i], heldY[i], (double) bench.rounded(gates[i]) + expandBias[i % channels]);
      }
      assertNear(expected, inX.read(), bench.tolerance(), bench.tolerance());

      if (inner % 8 == 0) {
        KernelBench.Array s = bench.stored(squeezed);
        bench.run(kernel.silu(s.address(), deviceSqueezeBias, pixels, inner));
        for (int i = 0; i < squeezed.length; i++) {
          activated[i] = silu((double) bench.rounded(squeezed[i]) + squeezeBias[i % inner]);
        }
        assertNear(activated, s.read(), bench.tolerance(), bench.tolerance());
      }
    }
  }

  private static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  private static double blend(double x, double y, double gate) {
    double a = Math.tanh(gate);
    return x * (1 + a) + y * (1 - a);
  }
}
