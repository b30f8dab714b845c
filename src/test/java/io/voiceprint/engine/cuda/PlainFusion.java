package io.voiceprint.engine.cuda;

import java.util.Random;

/**
 * Attentional feature fusion in plain Java, in the letters of {@code kernels/aff.cu}: s =
 * silu(squeeze [x; y] + b1), a = tanh(expand s + b2), x (1 + a) + y (1 - a).
 *
 * @param squeeze (2 · channels, inner), x's channels before y's
 * @param squeezeBias (inner)
 * @param expand (inner, channels)
 * @param expandBias (channels)
 */
record PlainFusion(
    int channels,
    int inner,
    float[] squeeze,
    float[] squeezeBias,
    float[] expand,
    float[] expandBias) {

  /** Weights that keep s and the gate near one for inputs near one. */
  static PlainFusion random(Random random, int channels, int inner) {
    float squeeze = (float) Math.sqrt(2.0 / channels);
    float expand = (float) Math.sqrt(2.0 / inner);
    return new PlainFusion(
        channels,
        inner,
        TestRow.floats(random, 2 * channels * inner, -squeeze, squeeze),
        TestRow.floats(random, inner, -1, 1),
        TestRow.floats(random, inner * channels, -expand, expand),
        TestRow.floats(random, channels, -1, 1));
  }

  /** squeeze [x; y] (pixels, inner). */
  double[] squeezed(float[] x, float[] y) {
    double[] sums = new double[x.length / channels * inner];
    for (int i = 0; i < sums.length; i++) {
      int pixel = i / inner * channels;
      for (int c = 0; c < channels; c++) {
        sums[i] +=
            (double) squeeze[c * inner + i % inner] * x[pixel + c]
                + (double) squeeze[(channels + c) * inner + i % inner] * y[pixel + c];
      }
    }
    return sums;
  }

  /** silu(squeezed + b1). */
  double[] activated(double[] squeezed) {
    double[] s = new double[squeezed.length];
    for (int i = 0; i < s.length; i++) {
      double sum = squeezed[i] + squeezeBias[i % inner];
      s[i] = sum / (1 + Math.exp(-sum));
    }
    return s;
  }

  /** expand s (pixels, channels). */
  double[] gates(double[] s) {
    double[] sums = new double[s.length / inner * channels];
    for (int i = 0; i < sums.length; i++) {
      for (int r = 0; r < inner; r++) {
        sums[i] += expand[r * channels + i % channels] * s[i / channels * inner + r];
      }
    }
    return sums;
  }

  /** x (1 + a) + y (1 - a) with a = tanh(gates + b2). */
  double[] blended(float[] x, float[] y, double[] gates) {
    double[] out = new double[gates.length];
    for (int i = 0; i < out.length; i++) {
      double a = Math.tanh(gates[i] + expandBias[i % channels]);
      out[i] = x[i] * (1 + a) + y[i] * (1 - a);
    }
    return out;
  }

  /**
   * All of it as the fused kernels compute it: factors rounded as their products take them, s as it
   * is stored.
   */
  double[] fused(KernelBench bench, float[] x, float[] y) {
    PlainFusion held =
        new PlainFusion(
            channels,
            inner,
            bench.factors(squeeze),
            squeezeBias,
            bench.factors(expand),
            expandBias);
    double[] s = held.activated(held.squeezed(bench.factors(x), bench.factors(y)));
    for (int i = 0; i < s.length; i++) {
      s[i] = bench.factor((float) s[i]);
    }
    return held.blended(bench.rounded(x), bench.rounded(y), held.gates(s));
  }

  /** The constants on the device, as the fused kernels read them. */
  GateSlots.Addresses upload(KernelBench bench) {
    RowProducts products = bench.kernels().products;
    return new GateSlots.Addresses(
        bench.stored(products.packed(squeeze, inner)).address(),
        bench.floats(squeezeBias).address(),
        bench.stored(products.packed(expand, channels)).address(),
        bench.floats(expandBias).address());
  }
}
