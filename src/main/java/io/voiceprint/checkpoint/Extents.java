package io.voiceprint.checkpoint;

import java.util.Arrays;

/**
 * Where the elements of a tensor lie in a run of memory: shape and strides, both in elements,
 * outermost first. Strides are never negative.
 */
record Extents(int[] shape, long[] strides, long elements) {
  /** More dimensions than any network here has; bounds what a malformed file can ask for. */
  static final int MAX_DIMENSIONS = 8;

  /** Extents in C order. */
  static Extents contiguous(long[] sizes) throws MalformedExtentsException {
    long[] strides = new long[sizes.length];
    long step = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      strides[i] = step;
      // The product is checked in of(); here it only must not throw.
      step *= Math.max(sizes[i], 1);
    }
    return of(sizes, strides);
  }

  /** Checks sizes and strides as read from a file. */
  static Extents of(long[] sizes, long[] strides) throws MalformedExtentsException {
    if (sizes.length != strides.length) {
      throw new MalformedExtentsException(
          "shape has " + sizes.length + " dimensions but there are " + strides.length + " strides");
    }
    if (sizes.length > MAX_DIMENSIONS) {
      throw new MalformedExtentsException(
          "shape has " + sizes.length + " dimensions, at most " + MAX_DIMENSIONS + " are read");
    }
    int[] shape = new int[sizes.length];
    long elements = 1;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] < 0 || sizes[i] > Integer.MAX_VALUE || strides[i] < 0) {
        throw new MalformedExtentsException(
            "dimension "
                + i
                + " has size "
                + sizes[i]
                + " and stride "
                + strides[i]
                + ", expected a size of 0 to 2^31 - 1 and no negative stride");
      }
      shape[i] = (int) sizes[i];
      // Either factor is below 2^31 as long as the product is.
      elements *= sizes[i];
      if (elements > Integer.MAX_VALUE) {
        throw new MalformedExtentsException(
            "shape " + Arrays.toString(sizes) + " has more than 2^31 - 1 elements");
      }
    }
    return new Extents(shape, strides, elements);
  }

  /** Elements from the first to the last one reached, both included; saturates at Long.MAX. */
  long span() {
    if (elements == 0) {
      return 0;
    }
    long last = 0;
    for (int i = 0; i < shape.length; i++) {
      long high = Math.multiplyHigh(shape[i] - 1L, strides[i]);
      long low = (shape[i] - 1L) * strides[i];
      if (high != 0 || low < 0 || last + low < 0 || last + low == Long.MAX_VALUE) {
        return Long.MAX_VALUE;
      }
      last += low;
    }
    return last + 1;
  }

  /** Whether the elements lie side by side in C order. */
  boolean isContiguous() {
    if (elements == 0) {
      return true;
    }
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] != 1 && strides[i] != step) {
        return false;
      }
      step *= shape[i];
    }
    return true;
  }

  /** Sizes or strides that no tensor can have. */
  static final class MalformedExtentsException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedExtentsException(String message) {
      super(message);
    }
  }
}
