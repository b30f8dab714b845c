package io.voiceprint.diagnosis;

import io.voiceprint.Embedding;
import io.voiceprint.engine.Precision;

/**
 * How far an embedding is from the reference engine's in float32.
 *
 * @param relativeError ‖actual − reference‖ / ‖reference‖
 * @param bound the largest error that passes
 */
public record Accuracy(double relativeError, double bound) {

  /**
   * Compares.
   *
   * @param precision of {@code actual}; the reference is float32
   * @throws IllegalArgumentException if the sizes differ
   */
  public static Accuracy of(Embedding actual, Embedding reference, Precision precision) {
    return of(actual.values(), reference.values(), precision);
  }

  /** As {@link #of(Embedding, Embedding, Precision)}, of their values. */
  public static Accuracy of(float[] a, float[] r, Precision precision) {
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
    return new Accuracy(norm == 0 ? Math.sqrt(error) : Math.sqrt(error / norm), bound(precision));
  }

  /**
   * Sums in another order move a float32 embedding by about 1e-5. Weights rounded to 10 mantissa
   * bits alone move that of the least forgiving reference network by 0.055 (cosine 0.9985), those
   * rounded to 7 bits by 0.35; what an indexing fault produces has nothing in common with the
   * reference and an error of about 1.
   */
  private static double bound(Precision precision) {
    return switch (precision) {
      case FP32 -> 2e-4;
      case TF32, FP16 -> 0.1;
      case BF16 -> 0.4;
    };
  }

  public boolean passes() {
    return relativeError <= bound;
  }
}
