package io.voiceprint;

/**
 * What an encoder accepts.
 *
 * @param sampleRate of the network, in Hz; audio at another rate is resampled to it
 * @param minInputRate lowest sample rate accepted, in Hz
 * @param maxInputRate highest sample rate accepted, in Hz
 * @param minSamples fewest samples of an utterance, at {@code sampleRate}
 * @param maxSamples most samples of an utterance, at {@code sampleRate}
 * @param embeddingSize values D of an embedding
 * @param batchUtterances most utterances in one pass of the network
 * @param queueUtterances utterances that may wait before a submitter waits
 */
public record EncoderLimits(
    int sampleRate,
    int minInputRate,
    int maxInputRate,
    long minSamples,
    long maxSamples,
    int embeddingSize,
    int batchUtterances,
    int queueUtterances) {

  /** Shortest utterance, in seconds. */
  public double minSeconds() {
    return (double) minSamples / sampleRate;
  }

  /** Longest utterance, in seconds. */
  public double maxSeconds() {
    return (double) maxSamples / sampleRate;
  }
}
