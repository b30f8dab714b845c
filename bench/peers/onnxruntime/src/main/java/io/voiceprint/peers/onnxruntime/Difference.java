package io.voiceprint.peers.onnxruntime;

/** How far two embeddings are apart. */
final class Difference {
  private Difference() {}

  /**
   * ‖actual − expected‖ / ‖expected‖.
   *
   * @throws IllegalArgumentException if the sizes differ
   */
  static double relative(float[] actual, float[] expected) {
    if (actual.length != expected.length) {
      throw new IllegalArgumentException(
          "an embedding of %d values beside one of %d".formatted(actual.length, expected.length));
    }
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = (double) actual[i] - expected[i];
      error += difference * difference;
      norm += (double) expected[i] * expected[i];
    }
    return Math.sqrt(error / norm);
  }
}
