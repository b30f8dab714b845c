package io.voiceprint.bench;

/**
 * How fast one workload was.
 *
 * @param workload its name
 * @param batch clips of a call
 * @param audioSeconds seconds of audio of a call
 * @param calls that were timed
 * @param elapsedSeconds that they took together
 * @param p50Ms median time of a call; half of them took no longer
 * @param p90Ms 90 in 100 calls took no longer
 * @param p99Ms 99 in 100 calls took no longer
 * @param fastestMs the fastest call
 * @param slowestMs the slowest call
 */
public record Measurement(
    String workload,
    int batch,
    double audioSeconds,
    int calls,
    double elapsedSeconds,
    double p50Ms,
    double p90Ms,
    double p99Ms,
    double fastestMs,
    double slowestMs) {

  static Measurement of(Workload workload, ClosedLoop.Times times) {
    return new Measurement(
        workload.name(),
        workload.batch(),
        workload.seconds(),
        times.calls(),
        times.elapsedNanos() * 1e-9,
        times.percentileMs(0.5),
        times.percentileMs(0.9),
        times.percentileMs(0.99),
        times.percentileMs(0),
        times.percentileMs(1));
  }

  /** Clips embedded per second. */
  public double clipsPerSecond() {
    return batch * (double) calls / elapsedSeconds;
  }

  /** Seconds of audio embedded per second. */
  public double audioSecondsPerSecond() {
    return audioSeconds * calls / elapsedSeconds;
  }
}
