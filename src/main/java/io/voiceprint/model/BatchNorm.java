package io.voiceprint.model;

import io.voiceprint.graph.Tensor;

/**
 * Inference-time batch norm, y = scale · x + shift per channel, in double precision: folding
 * multiplies it into the neighbouring layer, and a float32 product there would cost more accuracy
 * than the whole network's arithmetic.
 *
 * @param scale gamma / sqrt(var + 1e-5)
 * @param shift beta - mean · scale
 */
record BatchNorm(double[] scale, double[] shift) {
  /** PyTorch's default epsilon, which all of 3D-Speaker's networks use. */
  private static final double EPSILON = 1e-5;

  /**
   * From the stored statistics.
   *
   * @param gamma (C), or {@code null} for 1 (a layer without affine parameters)
   * @param beta (C), or {@code null} for 0
   */
  static BatchNorm of(float[] gamma, float[] beta, float[] mean, float[] variance) {
    double[] scale = new double[mean.length];
    double[] shift = new double[mean.length];
    for (int c = 0; c < mean.length; c++) {
      scale[c] = (gamma == null ? 1.0 : gamma[c]) / Math.sqrt(variance[c] + EPSILON);
      shift[c] = (beta == null ? 0.0 : beta[c]) - mean[c] * scale[c];
    }
    return new BatchNorm(scale, shift);
  }

  /** Folds this norm into the layer before it: norm(conv(x)). */
  LayerWeights foldIntoConvBefore(Tensor weight, float[] bias) {
    float[] w = weight.data();
    int outChannels = weight.extent(0);
    int perChannel = w.length / outChannels;
    float[] foldedWeight = new float[w.length];
    float[] foldedBias = new float[outChannels];
    for (int o = 0; o < outChannels; o++) {
      for (int i = o * perChannel; i < (o + 1) * perChannel; i++) {
        foldedWeight[i] = (float) (w[i] * scale[o]);
      }
      foldedBias[o] = (float) ((bias == null ? 0.0 : bias[o] * scale[o]) + shift[o]);
    }
    return new LayerWeights(
        Tensor.of(foldedWeight, weight.shape()), Tensor.of(foldedBias, outChannels));
  }

  /** Folds this norm into the fully connected layer behind it: linear(norm(x)). */
  LayerWeights foldIntoLinearBehind(Tensor weight, float[] bias) {
    float[] w = weight.data();
    int out = weight.extent(0);
    int in = weight.extent(1);
    float[] foldedWeight = new float[w.length];
    float[] foldedBias = new float[out];
    for (int o = 0; o < out; o++) {
      double sum = bias[o];
      for (int i = 0; i < in; i++) {
        foldedWeight[o * in + i] = (float) (w[o * in + i] * scale[i]);
        sum += w[o * in + i] * shift[i];
      }
      foldedBias[o] = (float) sum;
    }
    return new LayerWeights(Tensor.of(foldedWeight, weight.shape()), Tensor.of(foldedBias, out));
  }

  /** This norm as a layer of its own, where no layer beside it can take it up. */
  LayerWeights alone() {
    return new LayerWeights(rounded(scale), rounded(shift));
  }

  private static Tensor rounded(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.of(floats, floats.length);
  }
}
