package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Activation;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A residual block in plain Java, in the letters of {@code kernels/res_block.cuh}; values are
 * rounded where the kernels store them, factors as their products take them.
 *
 * @param chain of each part that is convolved
 * @param gates of each of these but the first; none where parts are added
 * @param project {@code null} where the input itself is the shortcut
 */
record PlainResBlock(
    ResBlockKernel.Extent extent,
    Layer reduce,
    List<Layer> chain,
    List<PlainFusion> gates,
    Layer expand,
    Layer project) {

  /** A convolution with its bias. */
  record Layer(ConvLayer conv, float[] weights, float[] bias) {
    /** Weights that keep values near one. */
    static Layer random(Random random, ConvLayer conv) {
      float limit = (float) Math.sqrt(2.0 / conv.inner());
      return new Layer(
          conv,
          TestRow.floats(random, conv.inner() * conv.outputs(), -limit, limit),
          TestRow.floats(random, conv.outputs(), -0.5f, 1));
    }

    double[] of(KernelBench bench, TestRow row, float[] x) {
      double[] sums = PlainConvolution.sums(row, conv, bench.factors(x), bench.factors(weights));
      for (int i = 0; i < sums.length; i++) {
        sums[i] += bias[i % bias.length];
      }
      return sums;
    }
  }

  static PlainResBlock random(Random random, ResBlockKernel.Extent extent) {
    int part = extent.part();
    int outRows = (extent.rows() + extent.stride() - 1) / extent.stride();
    int outStride = extent.timeStride() * extent.stride();
    int gates = extent.gate() == 0 ? 0 : extent.convolutions() - 1;
    ConvLayer project = pointwise(extent, extent.outputs());
    return new PlainResBlock(
        extent,
        Layer.random(random, pointwise(extent, extent.hidden())),
        Stream.generate(
                () -> Layer.random(random, new ConvLayer(outRows, outStride, part, part, 3, 1)))
            .limit(extent.convolutions())
            .toList(),
        Stream.generate(() -> PlainFusion.random(random, part, extent.gate()))
            .limit(gates)
            .toList(),
        Layer.random(
            random, new ConvLayer(outRows, outStride, extent.hidden(), extent.outputs(), 1, 1)),
        extent.projects() ? Layer.random(random, project) : null);
  }

  private static ConvLayer pointwise(ResBlockKernel.Extent extent, int outputs) {
    return new ConvLayer(
        extent.rows(), extent.timeStride(), extent.inputs(), outputs, 1, extent.stride());
  }

  /** The block's output for x (rows, columns, inputs). */
  double[] of(KernelBench bench, TestRow row, float[] x) {
    int part = extent.part();
    int hidden = extent.hidden();
    float[] h = stored(bench, row, reduce.of(bench, row, x), hidden);
    float[] joined = new float[h.length];
    float[] before = null;
    for (int i = 0; i < extent.parts(); i++) {
      float[] u = new float[h.length / extent.parts()];
      for (int k = 0; k < u.length; k++) {
        u[k] = h[k / part * hidden + i * part + k % part];
      }
      if (i < extent.convolutions()) {
        float[] in = before == null ? u : merged(bench, i, before, u);
        u = stored(bench, row, chain.get(i).of(bench, row, in), part);
      }
      before = u;
      for (int k = 0; k < u.length; k++) {
        joined[k / part * hidden + i * part + k % part] = u[k];
      }
    }
    double[] sums = expand.of(bench, row, joined);
    double[] projected = project == null ? null : project.of(bench, row, x);
    for (int i = 0; i < sums.length; i++) {
      sums[i] += bench.rounded(project == null ? x[i] : (float) projected[i]);
    }
    return activated(row, sums, extent.outputs());
  }

  /** What enters the convolution of part i. */
  private float[] merged(KernelBench bench, int i, float[] before, float[] own) {
    double[] fused = gates.isEmpty() ? null : gates.get(i - 1).fused(bench, before, own);
    float[] u = new float[own.length];
    for (int k = 0; k < u.length; k++) {
      u[k] = bench.rounded(fused == null ? before[k] + own[k] : (float) fused[k]);
    }
    return u;
  }

  private float[] stored(KernelBench bench, TestRow row, double[] sums, int channels) {
    double[] values = activated(row, sums, channels);
    float[] stored = new float[values.length];
    for (int i = 0; i < stored.length; i++) {
      stored[i] = bench.rounded((float) values[i]);
    }
    return stored;
  }

  /** Clipped, and zero in the columns that belong to no clip. */
  private double[] activated(TestRow row, double[] sums, int channels) {
    double[] values =
        IntStream.range(0, sums.length)
            .mapToDouble(i -> Activation.RELU20.apply((float) sums[i]))
            .toArray();
    return TestRow.masked(values, row.columnClips(extent.timeStride() * extent.stride()), channels);
  }

  /** The constants on the device, as the kernels read them. */
  ResBlockKernel.Weights upload(KernelBench bench) {
    RowProducts products = bench.kernels().products;
    Function<Layer, float[]> matrix =
        layer -> products.packed(layer.weights(), layer.conv().outputs());
    List<Layer> first = List.of(reduce);
    List<Layer> last = List.of(expand);
    List<Layer> shortcut = project == null ? List.of() : List.of(project);
    return new ResBlockKernel.Weights(
        stored(bench, first, matrix),
        stored(bench, chain, matrix),
        stored(bench, gates, gate -> products.packed(gate.squeeze(), gate.inner())),
        stored(bench, gates, gate -> products.packed(gate.expand(), gate.channels())),
        stored(bench, last, matrix),
        stored(bench, shortcut, matrix),
        floats(bench, first, Layer::bias),
        floats(bench, chain, Layer::bias),
        floats(bench, gates, PlainFusion::squeezeBias),
        floats(bench, gates, PlainFusion::expandBias),
        floats(bench, last, Layer::bias),
        floats(bench, shortcut, Layer::bias));
  }

  private static <P> long stored(KernelBench bench, List<P> parts, Function<P, float[]> constants) {
    return parts.isEmpty() ? 0 : bench.stored(joined(parts, constants)).address();
  }

  private static <P> long floats(KernelBench bench, List<P> parts, Function<P, float[]> constants) {
    return parts.isEmpty() ? 0 : bench.floats(joined(parts, constants)).address();
  }

  private static <P> float[] joined(List<P> parts, Function<P, float[]> constants) {
    FloatBuffer all = FloatBuffer.allocate(parts.size() * constants.apply(parts.get(0)).length);
    parts.forEach(part -> all.put(constants.apply(part)));
    return all.array();
  }
}
