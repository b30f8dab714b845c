package io.voiceprint.checkpoint;

import java.nio.FloatBuffer;

/** Reads the elements of a tensor in C order, from front to back, converted to float32. */
@FunctionalInterface
public interface FloatReader {

  /**
   * Reads the next elements.
   *
   * @param into filled from its position to its limit; the tensor has as many elements left
   * @throws CheckpointException if an element is not finite as float32, the file cannot be read, or
   *     with the last element, if the bytes do not fit their checksum or have changed since they
   *     were read before
   */
  void read(FloatBuffer into) throws CheckpointException;

  /** Reads what is in memory already, not copied. */
  static FloatReader of(float[] elements) {
    FloatBuffer left = FloatBuffer.wrap(elements);
    return into -> {
      int count = into.remaining();
      into.put(left.slice(left.position(), count));
      left.position(left.position() + count);
    };
  }
}
