package io.voiceprint.bench;

/**
 * What calls took, in milliseconds.
 *
 * @param p50 half of the calls took no longer
 * @param p90 90 in 100 calls took no longer
 * @param p99 99 in 100
 * @param p999 999 in 1000
 */
public record Percentiles(
    double mean, double min, double p50, double p90, double p99, double p999, double max) {}
