package io.voiceprint.server.tensor;

import java.util.List;
import java.util.Map;

/**
 * An input of a request.
 *
 * @param name the model's name for it
 * @param type of its elements
 * @param shape outermost first
 * @param parameters by name: {@link String}, {@link Boolean}, {@link Long} or {@link Double}
 * @param data as many elements as the shape says
 */
public record Tensor(
    String name, DataType type, List<Long> shape, Map<String, Object> parameters, TensorData data) {

  private static final int MOST_DIMENSIONS = 8;

  /**
   * Checks that data and shape agree.
   *
   * @throws TensorException if they do not
   */
  public Tensor {
    shape = List.copyOf(shape);
    parameters = Map.copyOf(parameters);
    long elements = elements(name, shape);
    if (elements != data.size()) {
      throw new TensorException(
          "tensor '%s': shape %s has %d elements, but there are %d"
              .formatted(name, shape, elements, data.size()));
    }
  }

  /**
   * The elements of a shape.
   *
   * @throws TensorException if a size is negative, or there are too many sizes or elements
   */
  static long elements(String name, List<Long> shape) {
    if (shape.isEmpty() || shape.size() > MOST_DIMENSIONS) {
      throw new TensorException(
          "tensor '%s': a shape has 1 to %d sizes, this one %d"
              .formatted(name, MOST_DIMENSIONS, shape.size()));
    }
    long elements = 1;
    for (long size : shape) {
      if (size < 0 || size > Integer.MAX_VALUE || elements * size > Integer.MAX_VALUE) {
        throw new TensorException("tensor '%s': shape %s is not possible".formatted(name, shape));
      }
      elements *= size;
    }
    return elements;
  }
}
