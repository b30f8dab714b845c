/**
 * Results of benchmarks as one HTML page and as charts. Everything taken from the files is escaped.
 */
package io.voiceprint.bench.report;
