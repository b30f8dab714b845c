package io.voiceprint.diagnosis;

import io.voiceprint.Embedding;

/**
 * How far an embedding is from the reference engine's in float32.
 *
 * @param relativeError ‖actual − reference‖ / ‖reference‖
 * @param bound the largest error that passes
 */
public record Accuracy(double relativeError, double bound) {

  /**
   * Sums in another order move a float32 embedding by about 1e-5. What an indexing fault produces
   * has nothing in common with the reference and an error of about 1.
   */
  private static final double SUMMATION = 2e-4;

  /** How much worse than plain rounding a device may be. */
  private static final double ROUNDING = 2;

  /**
   * Compares. A device may err by twice what the reference engine itself errs by in the device's
   * precision, with weights and activations rounded, and by what sums in another order make.
   *
   * @param reference of the reference engine in float32
   * @param rounded of the reference engine in the precision of {@code actual}; {@code reference}
   *     again where that is float32
   * @throws IllegalArgumentException if the sizes differ
   */
  public static Accuracy of(Embedding actual, Embedding reference, Embedding rounded) {
    return of(actual.values(), reference.values(), rounded.values());
  }

  /** As {@link #of(Embedding, Embedding, Embedding)}, of their values. */
  public static Accuracy of(float[] actual, float[] reference, float[] rounded) {
    return new Accuracy(
        relativeError(actual, reference), SUMMATION + ROUNDING * relativeError(rounded, reference));
  }

  /** The same error, where rounding alone may also make another one. */
  Accuracy beside(double roundingError) {
    return new Accuracy(relativeError, Math.max(bound, SUMMATION + ROUNDING * roundingError));
  }

  static double relativeError(float[] a, float[] r) {
    if (a.length != r.length) {
      throw new IllegalArgumentException(
          "embedding of %d values, but the reference has %d".formatted(a.length, r.length));
    }
    double error = 0;
    double norm = 0;
    for (int i = 0; i < r.length; i++) {
      double difference = (double) a[i] - r[i];
      error += difference * difference;
      norm += (double) r[i] * r[i];
    }
    return norm == 0 ? Math.sqrt(error) : Math.sqrt(error / norm);
  }

  /** Whether the error is within the bound; an error that is no number is not. */
  public boolean passes() {
    return relativeError <= bound;
  }
}
