package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;
import static io.voiceprint.engine.cuda.TestRow.oneOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A convolution of stride 2 and a fusion in one kernel against plain Java, on random shapes. */
@Tag("gpu")
class DownsampleAffKernelTest {
  private static final int SHAPES = 5;

  /**
   * A y or an s that is all but in the middle of two neighbours of 11 bits may become the other
   * one. They lie 2^-9 apart below 4, where all are; y then reaches the result times at most 2, s
   * times a weight of at most 0.36 and |x - y| of at most 4.
   */
  private static final double OTHER_NEIGHBOUR = 4e-3;

  /** What is drawn for a test. */
  private record Case(
      DownsampleAffKernel.Extent extent,
      ConvLayer layer,
      Activation activation,
      float[] weights,
      float[] bias,
      PlainFusion fusion) {

    static Case random(Random random, KernelBench bench) {
      RowProducts products = bench.kernels().products;
      int rows = oneOf(random, 1, 2, 5, 9, 18);
      int timeStride = oneOf(random, 1, 2, 4);
      int inputs = products.multiple() * oneOf(random, 1, 2, 3);
      int outputs = products.onTensorCores() ? oneOf(random, 32, 64) : oneOf(random, 8, 24, 40);
      int inner = oneOf(random, 16, 32);
      ConvLayer layer = new ConvLayer(rows, timeStride, inputs, outputs, 3, 2);
      float limit = (float) (1 / Math.sqrt(layer.inner()));
      return new Case(
          new DownsampleAffKernel.Extent(rows, timeStride, inputs, outputs, inner),
          layer,
          random.nextBoolean() ? Activation.NONE : Activation.RELU20,
          TestRow.floats(random, layer.inner() * outputs, -limit, limit),
          TestRow.floats(random, outputs, -1, 1),
          PlainFusion.random(random, outputs, inner));
    }

    double[] expected(KernelBench bench, TestRow row, float[] in, float[] x) {
      double[] sums = PlainConvolution.sums(row, layer, bench.factors(in), bench.factors(weights));
      float[] y = new float[sums.length];
      for (int i = 0; i < y.length; i++) {
        y[i] = bench.rounded(activation.apply((float) (sums[i] + bias[i % bias.length])));
      }
      return TestRow.masked(
          fusion.fused(bench, x, y), row.columnClips(layer.outTimeStride()), layer.outputs());
    }

    float[] run(
        KernelBench bench, DownsampleAffKernel.Tile tile, TestRow row, float[] in, float[] x) {
      int inputs = layer.inputs();
      int outputs = layer.outputs();
      KernelBench.Image out = bench.image(x.length / outputs, outputs, outputs + 8, 8);
      float[] packed = bench.kernels().products.packed(weights, outputs);
      bench.run(
          bench
              .kernels()
              .downsampleAff
              .launch(
                  extent,
                  tile,
                  activation,
                  new DownsampleAffKernel.Weights(
                      bench.stored(packed).address(),
                      bench.floats(bias).address(),
                      fusion.upload(bench)),
                  new DownsampleAffKernel.Call(
                      bench.image(in, inputs, inputs + 16, 8).view(),
                      bench.image(x, outputs, outputs + 16, 0).view(),
                      out.view(),
                      bench.ints(row.columnClips(layer.outTimeStride())).address(),
                      row.columns(layer.timeStride()))));
      return out.read();
    }
  }

  @ParameterizedTest
  @EnumSource
  void downsamplesAndFuses(MathMode mode) {
    for (int seed = 0; seed < SHAPES; seed++) {
      Random random = new Random(seed);
      TestRow row = TestRow.ragged(random);
      try (KernelBench bench = KernelBench.open(mode)) {
        Case drawn = Case.random(random, bench);
        ConvLayer layer = drawn.layer();
        float[] in =
            row.activations(
                random, layer.rows(), layer.inputs(), layer.inputs(), layer.timeStride(), -1, 1);
        // Values in gaps, which the kernel must not let through.
        int outPixels = layer.outRows() * row.columns(layer.outTimeStride());
        float[] x = TestRow.floats(random, outPixels * layer.outputs(), -1, 1);
        List<DownsampleAffKernel.Tile> tiles = bench.kernels().downsampleAff.tiles(drawn.extent());
        float[] first =
            Tiles.sameInEach(tiles, drawn.extent(), tile -> drawn.run(bench, tile, row, in, x));
        double slack = mode == MathMode.FP32 ? bench.tolerance() : OTHER_NEIGHBOUR;
        assertNear(drawn.expected(bench, row, in, x), first, slack, bench.tolerance());
        TestRow single = row.single(1);
        float[] alone =
            drawn.run(
                bench,
                tiles.get(0),
                single,
                row.alone(in, 1, single, layer.rows(), layer.inputs(), layer.timeStride()),
                row.alone(x, 1, single, layer.outRows(), layer.outputs(), layer.outTimeStride()));
        assertArrayEquals(
            row.alone(first, 1, single, layer.outRows(), layer.outputs(), layer.outTimeStride()),
            alone);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void channelsThatTheKernelDoesNotTakeHaveNoTile(MathMode mode) {
    Tiles.assertNone(
        mode,
        (kernels, multiple) ->
            kernels.downsampleAff.tiles(
                new DownsampleAffKernel.Extent(3, 1, multiple / 2, 32, 16)));
  }
}
