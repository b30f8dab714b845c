package io.voiceprint.graph;

/**
 * What one node computes (single static assignment: every value has exactly one producer).
 *
 * @param id position of its producer in {@link Graph#nodes()}
 * @param name name of the producer, as the original network names the module, such as {@code
 *     layer3.0.conv1}
 * @param shape shape for one utterance
 */
public record Value(int id, String name, Shape shape) {

  /**
   * The shape as a feature map.
   *
   * @throws IllegalStateException if this value is a vector
   */
  public Shape.FeatureMap map() {
    if (shape instanceof Shape.FeatureMap map) {
      return map;
    }
    throw new IllegalStateException("%s is a %s, not a feature map".formatted(name, shape));
  }

  /**
   * The shape as a vector.
   *
   * @throws IllegalStateException if this value is a feature map
   */
  public Shape.Vector vector() {
    if (shape instanceof Shape.Vector vector) {
      return vector;
    }
    throw new IllegalStateException("%s is a %s, not a vector".formatted(name, shape));
  }
}
