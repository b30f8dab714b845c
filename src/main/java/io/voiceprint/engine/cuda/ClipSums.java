package io.voiceprint.engine.cuda;

/**
 * A table (clips, bins) of {@code FixedSum}: the sums of each clip's features over its frames.
 *
 * @param address of it; 0 if there is none
 * @param bytes of it
 */
record ClipSums(long address, long bytes) {
  static final ClipSums NONE = new ClipSums(0, 0);

  static long bytes(RowSize row, int bins) {
    return (long) row.clips() * bins * Long.BYTES;
  }

  boolean exists() {
    return address != 0;
  }
}
