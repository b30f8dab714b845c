package io.voiceprint.checkpoint;

/** One tensor of a weight file. Its bytes stay in the file until they are asked for. */
public interface StoredTensor {

  String name();

  DType dtype();

  /** Extents, outermost first; empty for a scalar. */
  int[] shape();

  /** Number of elements: the product of {@link #shape()}. */
  long elements();

  /**
   * Reads the elements in C order, converted to float32.
   *
   * @throws CheckpointException if the tensor is not of a floating-point type, an element is not
   *     finite as float32, or the checksum of its record does not fit
   */
  float[] readFloats() throws CheckpointException;
}
