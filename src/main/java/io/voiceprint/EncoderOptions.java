package io.voiceprint;

import io.voiceprint.audio.ChannelChoice;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.Pooling;
import java.util.Objects;
import java.util.Optional;

/**
 * How an encoder computes. Start from {@link #DEFAULTS} and change what must differ:
 *
 * <pre>{@code
 * EncoderOptions.DEFAULTS.withDevice(Device.CUDA).withPrecision(Precision.FP16)
 * }</pre>
 *
 * @param device what computes
 * @param precision storage and multiplication format of the network
 * @param threads CPU threads that an engine on the CPU may use, 1 to {@value #MAX_THREADS}
 * @param batchUtterances most utterances in one pass of the network, 1 to {@value
 *     #MAX_BATCH_UTTERANCES}
 * @param batchSeconds most seconds of audio in one pass of the network, above zero; one utterance
 *     alone may be longer
 * @param queueUtterances utterances that may wait for the device, 1 to {@value
 *     #MAX_QUEUE_UTTERANCES}; whoever submits more waits
 * @param channel which channel of an audio file is used
 * @param pooling settles the pooling layer where the weights cannot; empty to infer it
 */
public record EncoderOptions(
    Device device,
    Precision precision,
    int threads,
    int batchUtterances,
    double batchSeconds,
    int queueUtterances,
    ChannelChoice channel,
    Optional<Pooling> pooling) {

  /** Upper bound of {@code threads}. */
  public static final int MAX_THREADS = 1024;

  /** Upper bound of {@code batchUtterances}. */
  public static final int MAX_BATCH_UTTERANCES = 4096;

  /** Upper bound of {@code queueUtterances}. */
  public static final int MAX_QUEUE_UTTERANCES = 1_000_000;

  /**
   * Best device present, fp32, all processors, up to 32 utterances or 160 seconds in a pass, 256
   * waiting, first channel, pooling inferred.
   */
  public static final EncoderOptions DEFAULTS =
      new EncoderOptions(
          Device.AUTO,
          Precision.FP32,
          Math.min(Runtime.getRuntime().availableProcessors(), MAX_THREADS),
          32,
          160,
          256,
          ChannelChoice.FIRST,
          Optional.empty());

  /**
   * Validates.
   *
   * @throws IllegalArgumentException if a number is out of its range; the message has the range
   * @throws NullPointerException if a component is {@code null}
   */
  public EncoderOptions {
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(channel, "channel");
    Objects.requireNonNull(pooling, "pooling");
    requireRange("threads", threads, MAX_THREADS);
    requireRange("batchUtterances", batchUtterances, MAX_BATCH_UTTERANCES);
    requireRange("queueUtterances", queueUtterances, MAX_QUEUE_UTTERANCES);
    if (!(batchSeconds > 0 && batchSeconds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "batchSeconds=%s must be above zero and finite".formatted(batchSeconds));
    }
  }

  private static void requireRange(String name, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException("%s=%d must be 1 to %d".formatted(name, value, max));
    }
  }

  /** The same on another device. */
  public EncoderOptions withDevice(Device other) {
    return new EncoderOptions(
        other,
        precision,
        threads,
        batchUtterances,
        batchSeconds,
        queueUtterances,
        channel,
        pooling);
  }

  /** The same in another precision. */
  public EncoderOptions withPrecision(Precision other) {
    return new EncoderOptions(
        device, other, threads, batchUtterances, batchSeconds, queueUtterances, channel, pooling);
  }

  /**
   * The same with another number of CPU threads.
   *
   * @throws IllegalArgumentException if it is not 1 to {@value #MAX_THREADS}
   */
  public EncoderOptions withThreads(int other) {
    return new EncoderOptions(
        device, precision, other, batchUtterances, batchSeconds, queueUtterances, channel, pooling);
  }

  /**
   * The same with other limits of one pass.
   *
   * @param utterances 1 to {@value #MAX_BATCH_UTTERANCES}
   * @param seconds of audio together, above zero
   * @throws IllegalArgumentException if either is out of its range
   */
  public EncoderOptions withBatch(int utterances, double seconds) {
    return new EncoderOptions(
        device, precision, threads, utterances, seconds, queueUtterances, channel, pooling);
  }

  /**
   * The same with another length of the queue.
   *
   * @throws IllegalArgumentException if it is not 1 to {@value #MAX_QUEUE_UTTERANCES}
   */
  public EncoderOptions withQueue(int utterances) {
    return new EncoderOptions(
        device, precision, threads, batchUtterances, batchSeconds, utterances, channel, pooling);
  }

  /** The same with another choice of channel. */
  public EncoderOptions withChannel(ChannelChoice other) {
    return new EncoderOptions(
        device, precision, threads, batchUtterances, batchSeconds, queueUtterances, other, pooling);
  }

  /** The same with this pooling layer where the weights cannot settle it. */
  public EncoderOptions withPooling(Pooling other) {
    return new EncoderOptions(
        device,
        precision,
        threads,
        batchUtterances,
        batchSeconds,
        queueUtterances,
        channel,
        Optional.of(other));
  }
}
