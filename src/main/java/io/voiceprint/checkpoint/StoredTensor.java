package io.voiceprint.checkpoint;

import java.nio.FloatBuffer;

/** One tensor of a weight file. Its bytes stay in the file until they are asked for. */
public interface StoredTensor {

  String name();

  DType dtype();

  /** Extents, outermost first; empty for a scalar. */
  int[] shape();

  /** Number of elements: the product of {@link #shape()}. */
  long elements();

  /**
   * Begins to read the elements, from the first one on. Each reader reads them anew.
   *
   * @throws CheckpointException if the tensor is not of a floating-point type, or cannot be read
   */
  FloatReader reader() throws CheckpointException;

  /**
   * Reads all elements in C order, converted to float32.
   *
   * @throws CheckpointException if the tensor is not of a floating-point type, an element is not
   *     finite as float32, or the checksum of its record does not fit
   */
  default float[] readFloats() throws CheckpointException {
    float[] elements = new float[Math.toIntExact(elements())];
    reader().read(FloatBuffer.wrap(elements));
    return elements;
  }
}
