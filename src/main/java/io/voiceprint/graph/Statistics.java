package io.voiceprint.graph;

/** Which statistics over time a pooling layer takes. */
public enum Statistics {
  MEAN,
  STANDARD_DEVIATION,
  /** Means first, then standard deviations. */
  MEAN_AND_STANDARD_DEVIATION;

  public boolean hasMean() {
    return this != STANDARD_DEVIATION;
  }

  public boolean hasStandardDeviation() {
    return this != MEAN;
  }

  /** Vectors this takes from each row: 1 or 2. */
  public int count() {
    return this == MEAN_AND_STANDARD_DEVIATION ? 2 : 1;
  }
}
