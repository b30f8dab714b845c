package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("gpu")
class EpilogueKernelTest {

  @ParameterizedTest
  @CsvSource({
    "FP32, 1, 8, 1, NONE, true, false",
    "FP32, 3, 24, 2, RELU, false, true",
    "FP32, 10, 32, 8, RELU20, true, true",
    "FP16, 3, 104, 1, RELU20, true, true",
    "FP16, 5, 8, 4, NONE, false, true",
    "FP16, 1, 40, 2, RELU, true, false",
  })
  void addsAndClips(
      MathMode mode,
      int rows,
      int channels,
      int timeStride,
      Activation activation,
      boolean withResidual,
      boolean inPlace) {
    Random random = new Random(channels);
    TestRow row = TestRow.of(List.of(9, 33, 1, 127), 8);
    int[] owner = row.columnClips(timeStride);
    int pixels = rows * owner.length;
    float[] x = TestRow.floats(random, pixels * channels, -30, 30);
    float[] residual = TestRow.floats(random, x.length, -5, 5);
    float[] bias = TestRow.floats(random, channels, -1, 1);
    try (KernelBench bench = KernelBench.open(mode)) {
      double[] sums = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        float sum =
            bench.rounded(x[i])
                + bias[i % channels]
                + (withResidual ? bench.rounded(residual[i]) : 0);
        sums[i] = activation.apply(sum);
      }
      KernelBench.Image in = bench.image(x, channels, channels + 8, 8);
      KernelBench.Image out = inPlace ? in : bench.image(pixels, channels, channels + 16, 8);
      View added = withResidual ? bench.image(residual, channels, channels, 0).view() : null;
      long shift = bench.floats(bias).address();
      long clips = bench.ints(owner).address();
      EpilogueKernel kernel = bench.kernels().epilogue;
      bench.run(
          kernel.epilogue(
              in.view(),
              shift,
              added,
              clips,
              out.view(),
              rows,
              owner.length,
              channels,
              activation));
      assertNear(out, TestRow.masked(sums, owner, channels), bench);
    }
  }

  @ParameterizedTest
  @CsvSource({"FP32, 1, 24, 2, RELU", "FP32, 3, 8, 1, NONE", "FP16, 2, 104, 8, RELU20"})
  void scalesAndShifts(
      MathMode mode, int rows, int channels, int timeStride, Activation activation) {
    Random random = new Random(channels);
    int[] owner = TestRow.ragged(random).columnClips(timeStride);
    int pixels = rows * owner.length;
    float[] x = TestRow.floats(random, pixels * channels, -30, 30);
    float[] scale = TestRow.floats(random, channels, -1, 1);
    float[] shift = TestRow.floats(random, channels, -1, 1);
    try (KernelBench bench = KernelBench.open(mode)) {
      double[] affine = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        int c = i % channels;
        affine[i] = activation.apply(scale[c] * bench.rounded(x[i]) + shift[c]);
      }
      View in = bench.image(x, channels, channels + 8, 8).view();
      KernelBench.Image out = bench.image(pixels, channels, channels + 16, 8);
      long a = bench.floats(scale).address();
      long b = bench.floats(shift).address();
      long clips = bench.ints(owner).address();
      EpilogueKernel kernel = bench.kernels().epilogue;
      bench.run(
          kernel.affine(in, a, b, clips, out.view(), rows, owner.length, channels, activation));
      assertNear(out, TestRow.masked(affine, owner, channels), bench);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "FP16"})
  void addsAndCopiesViews(MathMode mode) {
    Random random = new Random(5);
    int rows = 3;
    int columns = 33;
    int channels = 56;
    float[] a = TestRow.floats(random, rows * columns * channels, -9, 9);
    float[] b = TestRow.floats(random, a.length, -9, 9);
    try (KernelBench bench = KernelBench.open(mode)) {
      KernelBench.Image x = bench.image(a, channels, channels + 24, 16);
      KernelBench.Image y = bench.image(b, channels, channels, 0);
      KernelBench.Image sum = bench.image(rows * columns, channels, channels + 8, 0);
      KernelBench.Image copy = bench.image(rows * columns, channels, channels + 8, 8);
      EpilogueKernel kernel = bench.kernels().epilogue;
      bench.run(
          kernel.add(x.view(), y.view(), sum.view(), rows, columns, channels),
          kernel.copy(x.view(), copy.view(), rows, columns, channels));
      double[] expected = new double[a.length];
      for (int i = 0; i < a.length; i++) {
        expected[i] = (double) bench.rounded(a[i]) + bench.rounded(b[i]);
      }
      assertNear(sum, expected, bench);
      assertArrayEquals(bench.rounded(a), copy.read());
    }
  }

  private static void assertNear(KernelBench.Image image, double[] expected, KernelBench bench) {
    KernelBench.assertNear(expected, image.read(), bench.tolerance(), bench.tolerance());
  }
}
