package io.voiceprint.engine.cuda;

/**
 * What the launches of a row depend on: rows of one size share a plan.
 *
 * @param columns at the finest level
 * @param clips places for clips, at least as many as there are
 */
record RowSize(int columns, int clips) {
  /** Columns at a coarser level. */
  int columns(int timeStride) {
    return (columns + timeStride - 1) / timeStride;
  }
}
