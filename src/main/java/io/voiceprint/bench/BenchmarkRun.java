package io.voiceprint.bench;

import io.voiceprint.diagnosis.Accuracy;
import io.voiceprint.engine.Precision;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One precision.
 *
 * @param device what computed, in words
 * @param checks against the reference engine, by the clip's length in seconds
 * @param measurements empty where the numbers were wrong
 * @param refused why nothing was measured; empty if it was
 */
public record BenchmarkRun(
    Precision precision,
    String device,
    Map<Double, Accuracy> checks,
    List<Measurement> measurements,
    String refused) {
  /** Copies. */
  public BenchmarkRun {
    checks = Collections.unmodifiableMap(new LinkedHashMap<>(checks));
    measurements = List.copyOf(measurements);
  }

  public boolean isRefused() {
    return !refused.isEmpty();
  }
}
