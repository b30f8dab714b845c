package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;

/** Where a network's builder gets the weights of its layers from, batch norm already folded in. */
interface LayerSource {

  /** A convolution (O, I, KF, KT) or (O, I, K) without bias, followed by batch norm. */
  LayerWeights convNorm(String conv, String norm, int... shape) throws CheckpointException;

  /** A convolution (O, I, KF, KT) with bias, followed by batch norm. */
  LayerWeights biasedConvNorm(String conv, String norm, int... shape) throws CheckpointException;

  /** A convolution (O, I, KF, KT) or (O, I, K) with neither bias nor batch norm. */
  LayerWeights conv(String conv, int... shape) throws CheckpointException;

  /**
   * A layer with bias and no batch norm: fully connected (O, I), or a 1-d convolution (O, I, K).
   */
  LayerWeights biased(String name, int... shape) throws CheckpointException;

  /**
   * A fully connected layer (O, I) or (O, I, 1) with bias behind a batch norm.
   *
   * @param affine whether the norm has affine parameters
   */
  LayerWeights normLinear(String norm, boolean affine, String linear, int... shape)
      throws CheckpointException;

  /**
   * A fully connected layer (O, I) or (O, I, 1) without bias, followed by a batch norm without
   * affine parameters.
   */
  LayerWeights linearNorm(String linear, String norm, int... shape) throws CheckpointException;

  /** A batch norm that no layer beside it can take up. */
  LayerWeights norm(String norm, int channels) throws CheckpointException;
}
