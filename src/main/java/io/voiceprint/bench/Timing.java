package io.voiceprint.bench;

/**
 * The calls of one workload.
 *
 * @param latencies of each call, from when it was due to when its result was in host memory
 * @param uncorrected the same calls, from when they were made; in a closed loop there is no
 *     difference
 * @param elapsedNanos from before the first call to after the last
 * @param unsent calls that were due, but not made before time was up; they count in neither
 */
record Timing(Latencies latencies, Latencies uncorrected, long elapsedNanos, long unsent) {}
