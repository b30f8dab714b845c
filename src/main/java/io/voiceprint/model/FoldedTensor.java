package io.voiceprint.model;

import io.voiceprint.checkpoint.DType;
import io.voiceprint.checkpoint.FloatReader;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.graph.Tensor;

/** A tensor of a graph, under the name that a checkpoint would give it. */
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
    return tensor.elements();
  }

  @Override
  public FloatReader reader() {
    return tensor.reader()::read;
  }

  /** The elements, shared and not copied: nobody changes the data of a {@link Tensor}. */
  @Override
  public float[] readFloats() {
    return tensor.data();
  }
}
