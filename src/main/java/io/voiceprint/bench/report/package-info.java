/**
 * Results of benchmarks as one HTML page and as charts. Reads the files that {@code voiceprint
 * bench} and the peers write (bench/README.md), which may come from anywhere: sizes are bounded,
 * and everything taken from them is escaped.
 */
package io.voiceprint.bench.report;
