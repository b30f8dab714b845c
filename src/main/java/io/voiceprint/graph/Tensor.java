package io.voiceprint.graph;

import java.util.Arrays;

/** A constant float32 tensor in C order: the weights of a node. Immutable by contract. */
public final class Tensor {
  private final float[] data;
  private final int[] shape;

  private Tensor(float[] data, int[] shape) {
    this.data = data;
    this.shape = shape;
  }

  /**
   * Takes ownership of {@code data}.
   *
   * @param data elements in C order; must not be changed afterwards
   * @param shape extents, outermost first
   * @throws IllegalArgumentException if {@code data} does not have as many elements as {@code
   *     shape} says
   */
  public static Tensor of(float[] data, int... shape) {
    long elements = 1;
    for (int extent : shape) {
      elements = Math.multiplyExact(elements, extent);
    }
    if (elements != data.length) {
      throw new IllegalArgumentException(
          "tensor: %d elements for shape %s".formatted(data.length, Arrays.toString(shape)));
    }
    return new Tensor(data, shape.clone());
  }

  /** The elements in C order, shared and not copied; callers must not change them. */
  public float[] data() {
    return data;
  }

  public int rank() {
    return shape.length;
  }

  /** Extent of one axis, outermost first. */
  public int extent(int axis) {
    return shape[axis];
  }

  public int[] shape() {
    return shape.clone();
  }

  public boolean hasShape(int... expected) {
    return Arrays.equals(shape, expected);
  }

  @Override
  public String toString() {
    return "Tensor" + Arrays.toString(shape);
  }
}
