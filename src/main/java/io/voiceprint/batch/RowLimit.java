package io.voiceprint.batch;

import io.voiceprint.engine.Rows;

/**
 * How much one call of an engine takes.
 *
 * @param utterances at least 1
 * @param columns at least 1; one utterance alone may have more
 */
record RowLimit(int utterances, long columns) {
  /** What both the engine and the limits allow. */
  static RowLimit of(Rows rows, BatchLimits limits) {
    return new RowLimit(
        Math.min(rows.maxUtterances(), limits.batchUtterances()),
        Math.min(rows.maxColumns(), limits.batchColumns()));
  }
}
