package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;

/** Where a network's builder gets the weights of its layers from, batch norm already folded in. */
interface LayerSource {

  /** A convolution (O, I, KF, KT) without bias, followed by batch norm. */
  LayerWeights convNorm(String conv, String norm, int... shape) throws CheckpointException;

  /** A convolution (O, I, KF, KT) with bias, followed by batch norm. */
  LayerWeights biasedConvNorm(String conv, String norm, int... shape) throws CheckpointException;

  /** A convolution (O, I, KF, KT) with neither bias nor batch norm. */
  LayerWeights conv(String conv, int... shape) throws CheckpointException;

  /**
   * A layer with bias and no batch norm: fully connected (O, I), or a 1-d convolution (O, I, K).
   */
  LayerWeights biased(String name, int... shape) throws CheckpointException;

  /** A fully connected layer (O, I) behind a batch norm without affine parameters. */
  LayerWeights normLinear(String norm, String linear, int out, int in) throws CheckpointException;
}
