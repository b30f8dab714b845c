package io.voiceprint.model;

import io.voiceprint.graph.Tensor;

/**
 * A layer's weights with batch norm folded in.
 *
 * @param weight (O, I, KF, KT) of a convolution, (O, I) of a fully connected layer
 * @param bias (O)
 */
record LayerWeights(Tensor weight, Tensor bias) {

  /** The weight of a 1×1 convolution as a matrix (O, I). */
  Tensor matrix() {
    return Tensor.of(weight.data(), weight.extent(0), weight.extent(1));
  }
}
