package io.voiceprint.batch;

/**
 * Bounds of a batch and of the queue before it, and how long the queue lets whom wait.
 *
 * @param batchUtterances most utterances in one call of the engine, at least 1
 * @param batchColumns most columns in one call of the engine, as {@link
 *     io.voiceprint.engine.Rows#columns} counts them, at least 1; one utterance alone may have more
 * @param queueUtterances most utterances that wait, at least 1
 * @param queueBytes most memory that the samples of those that wait may take, in bytes, at least 1;
 *     one utterance alone may have more
 * @param maxDelayNanos how long a busy engine lets its oldest utterance wait for company; 0 for not
 *     at all
 * @param ageingNanos how much earlier an utterance must have come to go before one of the next
 *     better level
 */
public record BatchLimits(
    int batchUtterances,
    long batchColumns,
    int queueUtterances,
    long queueBytes,
    long maxDelayNanos,
    long ageingNanos) {
  public BatchLimits {
    if (batchUtterances < 1 || batchColumns < 1 || queueUtterances < 1 || queueBytes < 1) {
      throw new IllegalArgumentException(
          "batchUtterances=%d, batchColumns=%d, queueUtterances=%d, queueBytes=%d: all at least 1"
              .formatted(batchUtterances, batchColumns, queueUtterances, queueBytes));
    }
    if (maxDelayNanos < 0 || ageingNanos < 0) {
      throw new IllegalArgumentException(
          "maxDelayNanos=%d, ageingNanos=%d: not negative".formatted(maxDelayNanos, ageingNanos));
    }
  }
}
