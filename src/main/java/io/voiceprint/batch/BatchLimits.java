package io.voiceprint.batch;

/**
 * Bounds of a batch and of the queue before it.
 *
 * @param batchUtterances most utterances in one call of the engine, at least 1
 * @param batchSamples most samples, at the front end's rate, in one call of the engine, at least 1;
 *     one utterance alone may have more
 * @param queueUtterances most utterances that wait, at least 1
 * @param queueSamples most samples that wait, at least 1, which bounds memory; one utterance alone
 *     may have more
 */
public record BatchLimits(
    int batchUtterances, long batchSamples, int queueUtterances, long queueSamples) {
  public BatchLimits {
    if (batchUtterances < 1 || batchSamples < 1 || queueUtterances < 1 || queueSamples < 1) {
      throw new IllegalArgumentException(
          "batchUtterances=%d, batchSamples=%d, queueUtterances=%d, queueSamples=%d: all at least 1"
              .formatted(batchUtterances, batchSamples, queueUtterances, queueSamples));
    }
  }
}
