package io.voiceprint.model;

import io.voiceprint.graph.Tensor;
import java.nio.FloatBuffer;

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
    int outChannels = weight.extent(0);
    int perChannel = weight.elements() / outChannels;
    float[] foldedBias = new float[outChannels];
    for (int o = 0; o < outChannels; o++) {
      foldedBias[o] = (float) ((bias == null ? 0.0 : bias[o] * scale[o]) + shift[o]);
    }
    Tensor.Source folded = () -> new Product(weight.reader(), scale, perChannel);
    return new LayerWeights(
        Tensor.stored(folded, weight.shape()), Tensor.of(foldedBias, outChannels));
  }

  /** Folds this norm into the fully connected layer behind it: linear(norm(x)). */
  LayerWeights foldIntoLinearBehind(Tensor weight, float[] bias) {
    int out = weight.extent(0);
    int in = weight.extent(1);
    float[] foldedBias = new float[out];
    Tensor.Reader rows = weight.reader();
    FloatBuffer row = FloatBuffer.allocate(in);
    for (int o = 0; o < out; o++) {
      rows.read(row.clear());
      double sum = bias[o];
      for (int i = 0; i < in; i++) {
        sum += row.get(i) * shift[i];
      }
      foldedBias[o] = (float) sum;
    }
    Tensor.Source folded = () -> new Product(weight.reader(), scale, 1);
    return new LayerWeights(Tensor.stored(folded, weight.shape()), Tensor.of(foldedBias, out));
  }

  /** The elements of a weight times scales, which repeat as often as needed. */
  private static final class Product implements Tensor.Reader {
    private final Tensor.Reader weight;
    private final double[] scale;
    private final int repeats;
    private int channel;
    private int inChannel;

    /**
     * @param repeats how many elements in a row have the same scale
     */
    Product(Tensor.Reader weight, double[] scale, int repeats) {
      this.weight = weight;
      this.scale = scale;
      this.repeats = repeats;
    }

    @Override
    public void read(FloatBuffer into) {
      int begin = into.position();
      weight.read(into);
      for (int i = begin; i < into.limit(); i++) {
        into.put(i, (float) (into.get(i) * scale[channel]));
        if (++inChannel == repeats) {
          inChannel = 0;
          channel = channel + 1 == scale.length ? 0 : channel + 1;
        }
      }
    }
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
