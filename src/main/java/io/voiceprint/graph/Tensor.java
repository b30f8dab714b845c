package io.voiceprint.graph;

import java.lang.ref.WeakReference;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A constant float32 tensor in C order: the weights of a node. Immutable by contract.
 *
 * <p>Its elements are in memory, or stay in the file that they come from: an engine arranges them
 * in its own way once, and a second copy of all weights would be there for nothing.
 */
public final class Tensor {
  /** Reads elements in C order, from front to back. */
  @FunctionalInterface
  public interface Reader {
    /**
     * Reads the next elements.
     *
     * @param into filled from its position to its limit; the tensor has as many elements left
     * @throws java.io.UncheckedIOException if they cannot be read, or have changed since they were
     *     read before
     */
    void read(FloatBuffer into);
  }

  /** Where elements are that are not in memory. */
  @FunctionalInterface
  public interface Source {
    /** Begins with the first element; each reader gives the same elements. */
    Reader open();
  }

  private final int[] shape;
  private final int elements;
  private final float[] kept; // null if they are elsewhere
  private final Source source;
  private volatile WeakReference<float[]> lately = new WeakReference<>(null);

  private Tensor(float[] kept, Source source, int[] shape, int elements) {
    this.kept = kept;
    this.source = source;
    this.shape = shape;
    this.elements = elements;
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
    if (product(shape) != data.length) {
      throw new IllegalArgumentException(
          "tensor: %d elements for shape %s".formatted(data.length, Arrays.toString(shape)));
    }
    return new Tensor(data, null, shape.clone(), data.length);
  }

  /**
   * A tensor whose elements are read when they are asked for.
   *
   * @param source of as many elements as {@code shape} says, in C order; used by any thread
   * @param shape extents, outermost first
   * @throws ArithmeticException if it has more than 2^31 - 1 elements
   */
  public static Tensor stored(Source source, int... shape) {
    return new Tensor(null, source, shape.clone(), Math.toIntExact(product(shape)));
  }

  private static long product(int[] shape) {
    long elements = 1;
    for (int extent : shape) {
      elements = Math.multiplyExact(elements, extent);
    }
    return elements;
  }

  /**
   * The same elements in another shape.
   *
   * @throws IllegalArgumentException if that has not as many
   */
  public Tensor reshaped(int... newShape) {
    if (product(newShape) != elements) {
      throw new IllegalArgumentException(
          "tensor: shape %s as %s".formatted(Arrays.toString(shape), Arrays.toString(newShape)));
    }
    return new Tensor(kept, source, newShape.clone(), elements);
  }

  /**
   * The elements in C order, shared and not copied; callers must not change them. Elements that are
   * elsewhere are read, and stay in memory as long as somebody uses them: {@link #reader} reads
   * them piece by piece.
   *
   * @throws java.io.UncheckedIOException as {@link Reader#read}
   */
  public float[] data() {
    if (kept != null) {
      return kept;
    }
    float[] data = lately.get();
    if (data == null) {
      data = new float[elements];
      source.open().read(FloatBuffer.wrap(data));
      lately = new WeakReference<>(data);
    }
    return data;
  }

  /** Begins to read the elements, from the first one on. */
  public Reader reader() {
    if (kept == null) {
      return source.open();
    }
    FloatBuffer left = FloatBuffer.wrap(kept);
    return into -> {
      int count = into.remaining();
      into.put(left.slice(left.position(), count));
      left.position(left.position() + count);
    };
  }

  /** Number of elements: the product of the extents. */
  public int elements() {
    return elements;
  }

  /** Number of axes. */
  public int rank() {
    return shape.length;
  }

  /** Extent of one axis, outermost first. */
  public int extent(int axis) {
    return shape[axis];
  }

  /** Extents, outermost first; a copy. */
  public int[] shape() {
    return shape.clone();
  }

  /** Whether the extents are these, outermost first. */
  public boolean hasShape(int... expected) {
    return Arrays.equals(shape, expected);
  }

  @Override
  public String toString() {
    return "Tensor" + Arrays.toString(shape);
  }
}
