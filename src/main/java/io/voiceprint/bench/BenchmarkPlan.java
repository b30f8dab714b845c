package io.voiceprint.bench;

import io.voiceprint.EncoderOptions;
import io.voiceprint.engine.Precision;
import java.time.Duration;
import java.util.List;

/**
 * What to measure.
 *
 * @param options device and threads; its precision is not looked at, its batch limits hold the
 *     largest workload
 * @param precisions each measured on its own
 * @param batches clips of a call
 * @param seconds lengths of clips; each is measured with each of {@code batches}
 * @param mixed whether a corpus of mixed lengths is measured too
 * @param warmUp of each workload, before it is timed
 * @param duration of the timing of each workload
 */
public record BenchmarkPlan(
    EncoderOptions options,
    List<Precision> precisions,
    List<Integer> batches,
    List<Double> seconds,
    boolean mixed,
    Duration warmUp,
    Duration duration) {
  /** Of clips in one pass where lengths are mixed. */
  private static final int MIXED_BATCH = 64;

  private static final double MIXED_SECONDS = 10;

  /**
   * Raises the batch limits as far as the workloads need.
   *
   * @throws IllegalArgumentException if a list is empty or a number is not positive
   */
  public BenchmarkPlan {
    precisions = List.copyOf(precisions);
    batches = List.copyOf(batches);
    seconds = List.copyOf(seconds);
    if (precisions.isEmpty() || batches.isEmpty() || seconds.isEmpty()) {
      throw new IllegalArgumentException("a precision, a batch and a length are needed");
    }
    for (int batch : batches) {
      require("batch", batch, batch >= 1);
    }
    for (double length : seconds) {
      require("seconds", length, length > 0 && length <= 3600);
    }
    require("duration", duration, !duration.isNegative() && !duration.isZero());
    int largest = batches.stream().mapToInt(Integer::intValue).max().orElseThrow();
    double longest = seconds.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    int utterances = mixed ? Math.max(largest, MIXED_BATCH) : largest;
    options =
        options.withBatch(
            utterances, Math.max(largest * longest, mixed ? MIXED_BATCH * MIXED_SECONDS : 0));
  }

  private static void require(String name, Object value, boolean inRange) {
    if (!inRange) {
      throw new IllegalArgumentException("%s=%s is out of range".formatted(name, value));
    }
  }
}
