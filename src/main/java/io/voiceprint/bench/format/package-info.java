/**
 * The file of results that {@code voiceprint bench} and the peers write (bench/README.md), read
 * field by field. It may come from anywhere: sizes are bounded, and a fault is named by file and
 * field.
 */
package io.voiceprint.bench.format;
