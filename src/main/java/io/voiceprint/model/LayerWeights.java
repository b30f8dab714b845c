package io.voiceprint.model;

import io.voiceprint.graph.Tensor;

/**
 * A layer's weights with batch norm folded in.
 *
 * @param weight (O, I, KF, KT) or (O, I, K) of a convolution, (O, I) of a fully connected layer,
 *     (C) of a norm on its own: its scale
 * @param bias (O), or the norm's shift (C)
 */
record LayerWeights(Tensor weight, Tensor bias) {

  /** The weight of a 1×1 convolution as a matrix (O, I). */
  Tensor matrix() {
    return weight.reshaped(weight.extent(0), weight.extent(1));
  }

  /** The weight of a 1-d convolution (O, I, K) as a 2-d one (O, I, 1, K). */
  Tensor alongTime() {
    return weight.reshaped(weight.extent(0), weight.extent(1), 1, weight.extent(2));
  }
}
