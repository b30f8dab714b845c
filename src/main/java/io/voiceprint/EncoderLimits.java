package io.voiceprint;

import io.voiceprint.audio.Resampler;
import io.voiceprint.engine.Engine;
import io.voiceprint.frontend.FbankOptions;
import java.util.List;

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
 * @param queueUtterances utterances that may wait before a submitter waits, or is refused
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
  private static final long MAX_ARRAY = Integer.MAX_VALUE - 16;

  /** Of engines of one network: what all of them accept. */
  static EncoderLimits of(List<Engine> engines, EncoderOptions options) {
    Engine first = engines.get(0);
    FbankOptions frontEnd = first.frontEnd();
    int maxFrames = engines.stream().mapToInt(Engine::maxFrames).min().orElseThrow();
    long maxSamples = frontEnd.samplesFor(maxFrames) + frontEnd.frameShift() - 1;
    return new EncoderLimits(
        frontEnd.sampleRate(),
        Resampler.MIN_RATE,
        Resampler.MAX_RATE,
        frontEnd.samplesFor(first.minFrames()),
        Math.min(maxSamples, MAX_ARRAY),
        first.embeddingSize(),
        options.batchUtterances(),
        options.queueUtterances());
  }

  /** Shortest utterance, in seconds. */
  public double minSeconds() {
    return (double) minSamples / sampleRate;
  }

  /** Longest utterance, in seconds. */
  public double maxSeconds() {
    return (double) maxSamples / sampleRate;
  }
}
