package io.voiceprint.model;

import io.voiceprint.graph.Tensor;
import java.util.Random;

/**
 * Weights drawn from a seeded generator, scaled so that activations keep their magnitude from layer
 * to layer: for measuring speed, and for checking engines, where no weight file is at hand.
 */
final class SeededLayers implements LayerSource {
  private final Random random;
  private long parameters;

  SeededLayers(long seed) {
    this.random = new Random(seed);
  }

  /** As PyTorch counts them, before a norm is folded into its convolution. */
  long parameters() {
    return parameters;
  }

  @Override
  public LayerWeights convNorm(String conv, String norm, int... shape) {
    parameters += 2L * shape[0];
    return layer(shape);
  }

  @Override
  public LayerWeights biasedConvNorm(String conv, String norm, int... shape) {
    parameters += 3L * shape[0];
    return layer(shape);
  }

  @Override
  public LayerWeights conv(String conv, int... shape) {
    return new LayerWeights(layer(shape).weight(), Tensor.of(new float[shape[0]], shape[0]));
  }

  @Override
  public LayerWeights biased(String name, int... shape) {
    parameters += shape[0];
    return layer(shape);
  }

  @Override
  public LayerWeights normLinear(String norm, boolean affine, String linear, int... shape) {
    parameters += shape[0] + (affine ? 2L * shape[1] : 0);
    return layer(shape);
  }

  @Override
  public LayerWeights linearNorm(String linear, String norm, int... shape) {
    return layer(shape);
  }

  /** Scales around 1, so that what is normed keeps its magnitude. */
  @Override
  public LayerWeights norm(String norm, int channels) {
    parameters += 2L * channels;
    float[] scale = gaussian(channels, 0.1);
    for (int c = 0; c < channels; c++) {
      scale[c] += 1;
    }
    return new LayerWeights(
        Tensor.of(scale, channels), Tensor.of(gaussian(channels, 0.1), channels));
  }

  private LayerWeights layer(int... shape) {
    int elements = 1;
    for (int extent : shape) {
      elements = Math.multiplyExact(elements, extent);
    }
    double scale = Math.sqrt((double) shape[0] / elements);
    parameters += elements;
    return new LayerWeights(
        Tensor.of(gaussian(elements, scale), shape), Tensor.of(gaussian(shape[0], 0.1), shape[0]));
  }

  private float[] gaussian(int count, double scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }
}
