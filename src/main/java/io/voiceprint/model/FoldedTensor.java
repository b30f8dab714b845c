package io.voiceprint.model;

import io.voiceprint.checkpoint.DType;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.graph.Tensor;

/** A tensor that is in memory already, under the name that a checkpoint would give it. */
record FoldedTensor(String name, Tensor tensor) implements StoredTensor {

  @Override
  public DType dtype() {
    return DType.FLOAT32;
  }

  @Override
  public int[] shape() {
    return tensor.shape();
  }

  @Override
  public long elements() {
    return tensor.data().length;
  }

  /** The elements, shared and not copied: nobody changes the data of a {@link Tensor}. */
  @Override
  public float[] readFloats() {
    return tensor.data();
  }
}
