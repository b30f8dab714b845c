package io.voiceprint.bench;

import io.voiceprint.EncoderOptions;
import io.voiceprint.engine.Precision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What to measure.
 *
 * @param options device and threads; its precision is not looked at, its batch limits hold the
 *     largest workload
 * @param precisions each measured on its own
 * @param boundary where a timed call begins
 * @param batches clips of a call
 * @param seconds lengths of clips; each is measured with each of {@code batches}
 * @param mixed lengths of a corpus of mixed lengths that is measured too; empty for none
 * @param loads each workload is measured under each
 * @param warmUp of each workload, before it is timed
 * @param duration of the timing of each workload
 * @param coldStarts processes to start in order to see how long that takes
 * @param profile whether layers are timed
 */
public record BenchmarkPlan(
    EncoderOptions options,
    List<Precision> precisions,
    Boundary boundary,
    List<Integer> batches,
    List<Double> seconds,
    Optional<LengthDistribution> mixed,
    List<Load> loads,
    Duration warmUp,
    Duration duration,
    int coldStarts,
    boolean profile) {
  static final double LONGEST_SECONDS = 3600;
  private static final String SECONDS = "above 0 and at most %.0f".formatted(LONGEST_SECONDS);

  /**
   * Raises the batch limits as far as the workloads need.
   *
   * @throws IllegalArgumentException if a list is empty or a number is out of range
   */
  public BenchmarkPlan {
    precisions = List.copyOf(precisions);
    batches = List.copyOf(batches);
    seconds = List.copyOf(seconds);
    loads = List.copyOf(loads);
    if (precisions.isEmpty() || batches.isEmpty() || seconds.isEmpty() || loads.isEmpty()) {
      throw new IllegalArgumentException("a precision, a batch, a length and a load are needed");
    }
    for (int batch : batches) {
      require("batch", batch, batch >= 1, "1 or more");
    }
    for (double length : seconds) {
      require("seconds", length, length > 0 && length <= LONGEST_SECONDS, SECONDS);
    }
    require("warm-up", inSeconds(warmUp), !warmUp.isNegative(), "0 or more");
    boolean takesTime = !duration.isNegative() && !duration.isZero();
    require("duration", inSeconds(duration), takesTime, "above 0");
    require("cold-start", coldStarts, coldStarts >= 0, "0 or more");
    int callers = loads.stream().mapToInt(Load::concurrency).max().orElseThrow();
    int largest = batches.stream().mapToInt(Integer::intValue).max().orElseThrow();
    double longest = seconds.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    int utterances = Math.max(largest, mixed.isPresent() ? Workload.MIXED_CLIPS : callers);
    double audio =
        Math.max(
            Math.max(largest, callers) * longest,
            mixed.map(lengths -> Workload.MIXED_CLIPS * lengths.longest()).orElse(0.0));
    options = options.withBatch(Math.min(utterances, EncoderOptions.MAX_BATCH_UTTERANCES), audio);
  }

  private static double inSeconds(Duration duration) {
    return duration.toNanos() * 1e-9;
  }

  static void require(String name, Object value, boolean inRange, String range) {
    if (!inRange) {
      throw new IllegalArgumentException("%s=%s must be %s".formatted(name, value, range));
    }
  }

  /** All workloads, in the order in which they are measured. */
  List<Workload> workloads(int sampleRate) {
    List<Workload> workloads = new ArrayList<>();
    for (Load load : loads) {
      for (double length : seconds) {
        for (int batch : batches) {
          workloads.add(Workload.of(batch, length, sampleRate, load));
        }
      }
      mixed.ifPresent(lengths -> workloads.add(Workload.mixed(lengths, sampleRate, load)));
    }
    return workloads;
  }
}
