package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import io.voiceprint.graph.ConvGeometry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("gpu")
class ConvKernelTest {

  /** On the software device, which has four multiprocessors, these rows reach every tile. */
  @ParameterizedTest
  @CsvSource({
    "FP32, 8, 8, 1, 1, 5, NONE, false",
    "FP32, 24, 40, 3, 1, 3, RELU20, true",
    "FP32, 16, 72, 3, 2, 4, RELU, false",
    "TF32, 8, 24, 3, 2, 1, RELU20, true",
    "TF32, 40, 64, 1, 1, 3, NONE, true",
    "FP16, 24, 72, 3, 1, 2, RELU20, true",
    "FP16, 8, 8, 3, 2, 9, NONE, false",
    "FP16, 64, 32, 1, 2, 3, RELU, true",
    "FP16, 16, 72, 3, 1, 20, RELU20, true",
    "TF32, 8, 40, 1, 1, 20, RELU, true",
    "FP16, 512, 1024, 1, 1, 1, RELU20, true",
    "TF32, 1024, 16, 1, 1, 1, NONE, false",
    "FP16, 16, 64, 1, 1, 10, RELU, false",
    "FP16, 16, 72, 1, 1, 4, NONE, true",
    "TF32, 24, 72, 1, 1, 4, RELU20, false",
    "TF32, 24, 72, 3, 1, 2, RELU, false",
    "TF32, 8, 72, 1, 1, 20, NONE, true",
  })
  void convolvesClipByClip(
      MathMode mode,
      int inputs,
      int outputs,
      int extent,
      int stride,
      int rows,
      Activation activation,
      boolean withResidual) {
    check(mode, new ConvLayer(rows, 2, inputs, outputs, extent, stride), activation, withResidual);
  }

  @ParameterizedTest
  @CsvSource({
    "FP32, 8, 16, 3, 3, 4, 2, 1, 1, ZERO",
    "FP16, 16, 8, 1, 1, 5, 2, 1, 1, ZERO",
    "FP32, 24, 40, 1, 5, 1, 1, 2, 1, ZERO",
    "TF32, 16, 32, 1, 3, 1, 1, 1, 2, ZERO",
    "FP32, 16, 24, 1, 5, 1, 1, 1, 1, REFLECT",
    "FP16, 32, 64, 1, 3, 1, 1, 1, 4, REFLECT",
    "TF32, 8, 8, 1, 3, 2, 1, 2, 3, REFLECT",
    "FP16, 8, 40, 3, 1, 5, 3, 1, 1, ZERO",
  })
  void followsItsGeometryWithinTheClip(
      MathMode mode,
      int inputs,
      int outputs,
      int kernelF,
      int kernelT,
      int rows,
      int strideF,
      int strideT,
      int dilation,
      ConvGeometry.Padding padding) {
    ConvGeometry geometry = new ConvGeometry(strideF, strideT, dilation, padding);
    check(
        mode,
        new ConvLayer(rows, 2, inputs, outputs, kernelF, kernelT, geometry),
        Activation.RELU,
        false);
  }

  private static void check(
      MathMode mode, ConvLayer layer, Activation activation, boolean withResidual) {
    int rows = layer.rows();
    int inputs = layer.inputs();
    int outputs = layer.outputs();
    Random random = new Random(inputs * 100L + outputs);
    TestRow row = TestRow.of(List.of(17, 31, 9), 8);
    TestRow single = TestRow.of(List.of(31), 0);
    float[] x = row.activations(random, rows, inputs, inputs, 2, -2, 2);
    float[] weights = TestRow.floats(random, layer.inner() * outputs, -0.5f, 0.5f);
    float[] bias = TestRow.floats(random, outputs, -2, 2);
    int outColumns = layer.outColumns(row.columns(2));
    float[] residual =
        withResidual ? TestRow.floats(random, layer.outRows() * outColumns * outputs, -3, 3) : null;
    float[] aloneResidual =
        withResidual
            ? row.alone(residual, 1, single, layer.outRows(), outputs, layer.outTimeStride())
            : null;
    try (KernelBench bench = KernelBench.open(mode)) {
      double[] expected = expected(bench, row, layer, activation, x, weights, bias, residual);
      Map<ConvKernel.Method, float[]> results = new EnumMap<>(ConvKernel.Method.class);
      for (ConvKernel.Method method : bench.kernels().conv.methods(layer)) {
        float[] y = run(bench, method, row, layer, activation, x, weights, bias, residual);
        results.put(method, y);
        // TF32 keeps 10 mantissa bits of each factor.
        double slack = mode == MathMode.TF32 ? 1e-2 : 2 * bench.tolerance();
        assertNear(expected, y, slack, slack);
        float[] alone =
            run(
                bench,
                method,
                single,
                layer,
                activation,
                row.alone(x, 1, single, rows, inputs, 2),
                weights,
                bias,
                aloneResidual);
        assertArrayEquals(
            row.alone(y, 1, single, layer.outRows(), outputs, layer.outTimeStride()), alone);
      }
      results.forEach(
          (method, y) -> {
            if (method != ConvKernel.Method.SIMT && method != ConvKernel.Method.MMA_SPLIT) {
              assertArrayEquals(results.get(ConvKernel.Method.MMA), y, method + " has other bits");
            }
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void brokenInputShowsInItsOwnClipAlone(MathMode mode) {
    Random random = new Random(3);
    ConvLayer layer = new ConvLayer(3, 1, 16, 32, 3, 1);
    TestRow row = TestRow.of(List.of(9, 8, 17), 0);
    float[] x = row.activations(random, 3, 16, 16, 1, -2, 2);
    float[] weights = TestRow.floats(random, 9 * 16 * 32, -0.5f, 0.5f);
    float[] bias = new float[32];
    float[] broken = x.clone();
    int lastColumn = row.first(1, 1) + 7;
    broken[(row.columns() + lastColumn) * 16 + 5] = Float.NaN;
    broken[(2 * row.columns() + lastColumn) * 16 + 5] = Float.POSITIVE_INFINITY;
    try (KernelBench bench = KernelBench.open(mode)) {
      for (ConvKernel.Method method : bench.kernels().conv.methods(layer)) {
        float[] whole = run(bench, method, row, layer, Activation.RELU20, x, weights, bias, null);
        float[] y = run(bench, method, row, layer, Activation.RELU20, broken, weights, bias, null);
        for (int i = 0; i < y.length; i++) {
          int t = i / 32 % row.columns();
          boolean near = Math.abs(t - lastColumn) <= 1;
          if (near && t <= lastColumn) {
            assertTrue(Float.isNaN(y[i]), "the activation hides NaN");
          } else {
            assertEquals(whole[i], y[i]);
          }
        }
      }
    }
  }

  /** The weights of 32 channels that a block would have to keep are larger than any card's. */
  @ParameterizedTest
  @EnumSource(names = {"FP16", "TF32"})
  void blocksStayOnlyWhereTheirWeightsFit(MathMode mode) {
    try (KernelBench bench = KernelBench.open(mode)) {
      ConvKernel conv = bench.kernels().conv;
      List<ConvKernel.Method> all = new ArrayList<>(conv.methods());
      assertEquals(all, conv.methods(new ConvLayer(5, 1, 16, 64, 3, 1)));
      assertTrue(all.remove(ConvKernel.Method.MMA_PERSISTENT));
      assertEquals(all, conv.methods(new ConvLayer(5, 1, 512, 512, 3, 1)));
    }
  }

  private static float[] run(
      KernelBench bench,
      ConvKernel.Method method,
      TestRow row,
      ConvLayer layer,
      Activation activation,
      float[] x,
      float[] weights,
      float[] bias,
      float[] residual) {
    int columns = row.columns(layer.timeStride());
    int outputs = layer.outputs();
    KernelBench.Image in = bench.image(x, layer.inputs(), layer.inputs() + 16, 8);
    KernelBench.Image out =
        bench.image(layer.outRows() * layer.outColumns(columns), outputs, outputs + 8, 8);
    View added = residual == null ? null : bench.image(residual, outputs, outputs, 0).view();
    bench.run(
        bench
            .kernels()
            .conv
            .launch(
                method,
                layer,
                activation,
                bench.stored(weights).address(),
                bench.floats(bias).address(),
                new ConvCall(in.view(), added, out.view()),
                bench.ints(row.columnClips(layer.outTimeStride())).address(),
                bench.ints(row.clipTable()).address(),
                columns));
    return out.read();
  }

  private static double[] expected(
      KernelBench bench,
      TestRow row,
      ConvLayer layer,
      Activation activation,
      float[] x,
      float[] weights,
      float[] bias,
      float[] residual) {
    int[] owner = row.columnClips(layer.outTimeStride());
    int outputs = layer.outputs();
    double[] y = PlainConvolution.sums(row, layer, bench.rounded(x), bench.rounded(weights));
    for (int i = 0; i < y.length; i++) {
      double sum = y[i] + bias[i % outputs] + (residual == null ? 0.0 : bench.rounded(residual[i]));
      y[i] =
          owner[i / outputs % owner.length] == PackedRow.GAP
              ? 0
              : activation == Activation.NONE ? sum : activation.apply((float) sum);
    }
    return y;
  }
}
