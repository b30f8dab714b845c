package io.voiceprint;

import io.voiceprint.audio.AudioWarning;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A speaker embedding ("voiceprint"): D finite numbers whose direction says who speaks. Two are
 * compared by their cosine. As the network computes them they are not of unit length.
 *
 * <p>Immutable and thread-safe. Two are equal if their values are, to the bit; where they came from
 * does not count.
 */
public final class Embedding {
  private final float[] values;
  private final double seconds;
  private final List<AudioWarning> warnings;

  /** Takes ownership of {@code values}, which are finite and at least one. */
  Embedding(float[] values, double seconds, List<AudioWarning> warnings) {
    this.values = values;
    this.seconds = seconds;
    this.warnings = List.copyOf(warnings);
  }

  /**
   * An embedding that was computed before, such as one read from a store.
   *
   * @param values (D), copied
   * @throws IllegalArgumentException if there are none or one is not finite
   */
  public static Embedding of(float... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("an embedding has at least one value");
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException("embedding value %d is %s".formatted(i, values[i]));
      }
    }
    return new Embedding(values.clone(), 0, List.of());
  }

  /**
   * The centroid of several embeddings of one speaker: the mean of their unit vectors, so that each
   * counts the same whatever its length. Embeddings of zero length add nothing. Its seconds are
   * their sum, its warnings are theirs, each once.
   *
   * @param embeddings at least one, all of one size
   * @throws IllegalArgumentException if there are none or their sizes differ
   */
  public static Embedding mean(Collection<Embedding> embeddings) {
    if (embeddings.isEmpty()) {
      throw new IllegalArgumentException("the mean of no embeddings is not defined");
    }
    double[] sum = new double[embeddings.iterator().next().size()];
    double seconds = 0;
    Set<AudioWarning> warnings = new LinkedHashSet<>();
    for (Embedding embedding : embeddings) {
      requireSize(sum.length, embedding);
      double norm = embedding.norm();
      for (int i = 0; i < sum.length && norm > 0; i++) {
        sum[i] += embedding.values[i] / norm;
      }
      seconds += embedding.seconds;
      warnings.addAll(embedding.warnings);
    }
    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / embeddings.size());
    }
    return new Embedding(mean, seconds, List.copyOf(warnings));
  }

  /** The values (D), a copy. */
  public float[] values() {
    return values.clone();
  }

  /** Number of values D. */
  public int size() {
    return values.length;
  }

  /** Seconds of audio it was computed from; 0 if that is not known. */
  public double seconds() {
    return seconds;
  }

  /** What makes the audio doubtful; empty if nothing does. */
  public List<AudioWarning> warnings() {
    return warnings;
  }

  /** Euclidean length, summed in double precision. */
  public double norm() {
    return Math.sqrt(dot(values, values));
  }

  /**
   * Cosine of the angle to another embedding, in [-1, 1], summed in double precision; 0 if either
   * has zero length.
   *
   * @throws IllegalArgumentException if the sizes differ
   */
  public double cosine(Embedding other) {
    requireSize(values.length, other);
    double norms = norm() * other.norm();
    if (norms == 0) {
      return 0;
    }
    return Math.max(-1, Math.min(1, dot(values, other.values) / norms));
  }

  /**
   * The same direction at unit length; the same object if its length is zero.
   *
   * <p>Its {@link #seconds} and {@link #warnings} are this one's.
   */
  public Embedding normalized() {
    double norm = norm();
    if (norm == 0) {
      return this;
    }
    float[] unit = new float[values.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (values[i] / norm);
    }
    return new Embedding(unit, seconds, warnings);
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static void requireSize(int expected, Embedding other) {
    if (other.size() != expected) {
      throw new IllegalArgumentException(
          "embeddings of %d and %d values: of different models?".formatted(expected, other.size()));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Embedding embedding && Arrays.equals(values, embedding.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  /** Size and length, not the values. */
  @Override
  public String toString() {
    return "Embedding(size=%d, norm=%.4g, seconds=%.2f)".formatted(size(), norm(), seconds);
  }
}
