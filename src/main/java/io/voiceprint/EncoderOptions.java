package io.voiceprint;

import io.voiceprint.audio.ChannelChoice;
import io.voiceprint.batch.BatchLimits;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.model.Pooling;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How an encoder computes. Start from {@link #DEFAULTS} and change what must differ:
 *
 * <pre>{@code
 * EncoderOptions.DEFAULTS.withDevice(Device.CUDA).withPrecision(Precision.FP16)
 * }</pre>
 *
 * @param device what computes
 * @param gpus ordinals of the GPUs that share the work, among those that this process may see;
 *     empty for the first that is usable. Only with {@link Device#CUDA}.
 * @param precision storage and multiplication format of the network
 * @param threads CPU threads that an engine on the CPU may use, 1 to {@value #MAX_THREADS}
 * @param lanes utterances that the engine {@link Device#CPU} computes at the same time, 1 to {@code
 *     threads}; they share the threads, and one of more than 5 seconds takes two lanes unless
 *     others wait. One gives the lowest latency of a single utterance; a few bear more load. The
 *     others decide by themselves.
 * @param batchUtterances most utterances in one pass of the network, 1 to {@value
 *     #MAX_BATCH_UTTERANCES}
 * @param batchSeconds most seconds of audio in one pass of the network, above zero, the engine's
 *     padding between utterances included; one utterance alone may be longer
 * @param queueUtterances utterances that may wait for the device, 1 to {@value
 *     #MAX_QUEUE_UTTERANCES}; whoever submits more waits, or is refused
 * @param maxDelay how long a busy engine may let its oldest utterance wait for a fuller pass. An
 *     idle engine never waits: with nothing under way an utterance is computed at once, and so are
 *     those that make a full pass. Zero for never.
 * @param channel which channel of an audio file is used
 * @param pooling settles the pooling layer where the weights cannot; empty to infer it
 */
public record EncoderOptions(
    Device device,
    List<Integer> gpus,
    Precision precision,
    int threads,
    int lanes,
    int batchUtterances,
    double batchSeconds,
    int queueUtterances,
    Duration maxDelay,
    ChannelChoice channel,
    Optional<Pooling> pooling) {

  /** Upper bound of {@code threads}. */
  public static final int MAX_THREADS = 1024;

  /** Upper bound of {@code batchUtterances}. */
  public static final int MAX_BATCH_UTTERANCES = 4096;

  /** Upper bound of {@code queueUtterances}. */
  public static final int MAX_QUEUE_UTTERANCES = 1_000_000;

  /** Upper bound of {@code maxDelay}. */
  public static final Duration LONGEST_DELAY = Duration.ofSeconds(10);

  /** Share of the heap, one in this many bytes, that waiting samples may take. */
  private static final int QUEUE_HEAP_SHARE = 8;

  /**
   * Best device present, fp32, all processors in one lane, up to 32 utterances or 160 seconds in a
   * pass, 256 waiting, no delay for company, first channel, pooling inferred.
   */
  public static final EncoderOptions DEFAULTS =
      new EncoderOptions(
          Device.AUTO,
          List.of(),
          Precision.FP32,
          Math.min(Runtime.getRuntime().availableProcessors(), MAX_THREADS),
          1,
          32,
          160,
          256,
          Duration.ZERO,
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
    gpus = List.copyOf(gpus);
    if (!gpus.isEmpty() && device != Device.CUDA) {
      throw new IllegalArgumentException(
          "gpus=%s need the device cuda, not %s".formatted(gpus, device));
    }
    if (gpus.stream().distinct().count() < gpus.size()
        || gpus.stream().anyMatch(ordinal -> ordinal < 0)) {
      throw new IllegalArgumentException(
          "gpus=%s must be different numbers from 0 on".formatted(gpus));
    }
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(channel, "channel");
    Objects.requireNonNull(pooling, "pooling");
    requireRange("threads", threads, MAX_THREADS);
    if (lanes < 1 || lanes > threads) {
      throw new IllegalArgumentException(
          "lanes=%d must be 1 to threads=%d".formatted(lanes, threads));
    }
    requireRange("batchUtterances", batchUtterances, MAX_BATCH_UTTERANCES);
    requireRange("queueUtterances", queueUtterances, MAX_QUEUE_UTTERANCES);
    if (!(batchSeconds > 0 && batchSeconds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "batchSeconds=%s must be above zero and finite".formatted(batchSeconds));
    }
    if (maxDelay.isNegative() || maxDelay.compareTo(LONGEST_DELAY) > 0) {
      throw new IllegalArgumentException(
          "maxDelay=%s must be %s to %s".formatted(maxDelay, Duration.ZERO, LONGEST_DELAY));
    }
  }

  private static void requireRange(String name, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException("%s=%d must be 1 to %d".formatted(name, value, max));
    }
  }

  /** The same on another device, which may be any of its kind. */
  public EncoderOptions withDevice(Device other) {
    return changed(
        draft -> {
          draft.device = other;
          draft.gpus = List.of();
        });
  }

  /**
   * The same on these GPUs, which share one queue. The embeddings of GPUs of one model, tuned
   * alike, are the same to the bit.
   *
   * @param ordinals among those that this process may see; none for the first that is usable
   * @throws IllegalArgumentException if one is negative or there twice
   */
  public EncoderOptions withGpus(Integer... ordinals) {
    return changed(
        draft -> {
          draft.device = Device.CUDA;
          draft.gpus = List.of(ordinals);
        });
  }

  /** The same in another precision. */
  public EncoderOptions withPrecision(Precision other) {
    return changed(draft -> draft.precision = other);
  }

  /**
   * The same with another number of CPU threads.
   *
   * @throws IllegalArgumentException if it is not 1 to {@value #MAX_THREADS}, or less than the
   *     lanes
   */
  public EncoderOptions withThreads(int other) {
    return changed(draft -> draft.threads = other);
  }

  /**
   * The same with another number of lanes on the CPU.
   *
   * @throws IllegalArgumentException if it is not 1 to the number of threads
   */
  public EncoderOptions withLanes(int other) {
    return changed(draft -> draft.lanes = other);
  }

  /**
   * The same with other limits of one pass.
   *
   * @param utterances 1 to {@value #MAX_BATCH_UTTERANCES}
   * @param seconds of audio together, above zero
   * @throws IllegalArgumentException if either is out of its range
   */
  public EncoderOptions withBatch(int utterances, double seconds) {
    return changed(
        draft -> {
          draft.batchUtterances = utterances;
          draft.batchSeconds = seconds;
        });
  }

  /**
   * The same with another length of the queue.
   *
   * @throws IllegalArgumentException if it is not 1 to {@value #MAX_QUEUE_UTTERANCES}
   */
  public EncoderOptions withQueue(int utterances) {
    return changed(draft -> draft.queueUtterances = utterances);
  }

  /**
   * The same with another delay for company.
   *
   * @throws IllegalArgumentException if it is negative or above {@link #LONGEST_DELAY}
   */
  public EncoderOptions withMaxDelay(Duration other) {
    return changed(draft -> draft.maxDelay = other);
  }

  /** The same with another choice of channel. */
  public EncoderOptions withChannel(ChannelChoice other) {
    return changed(draft -> draft.channel = other);
  }

  /** The same with this pooling layer where the weights cannot settle it. */
  public EncoderOptions withPooling(Pooling other) {
    return changed(draft -> draft.pooling = Optional.of(other));
  }

  /** The same bounds in what a batcher counts: frames, bytes and nanoseconds. */
  BatchLimits batchLimits(FbankOptions frontEnd) {
    double framesPerSecond = (double) frontEnd.sampleRate() / frontEnd.frameShift();
    return new BatchLimits(
        batchUtterances,
        (long) Math.max(1, batchSeconds * framesPerSecond),
        queueUtterances,
        Runtime.getRuntime().maxMemory() / QUEUE_HEAP_SHARE,
        maxDelay.toNanos(),
        Priority.AGEING.toNanos());
  }

  private EncoderOptions changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.validated();
  }

  /** The components while one of them is changed. */
  private static final class Draft {
    Device device;
    List<Integer> gpus;
    Precision precision;
    int threads;
    int lanes;
    int batchUtterances;
    double batchSeconds;
    int queueUtterances;
    Duration maxDelay;
    ChannelChoice channel;
    Optional<Pooling> pooling;

    Draft(EncoderOptions options) {
      device = options.device;
      gpus = options.gpus;
      precision = options.precision;
      threads = options.threads;
      lanes = options.lanes;
      batchUtterances = options.batchUtterances;
      batchSeconds = options.batchSeconds;
      queueUtterances = options.queueUtterances;
      maxDelay = options.maxDelay;
      channel = options.channel;
      pooling = options.pooling;
    }

    EncoderOptions validated() {
      return new EncoderOptions(
          device,
          gpus,
          precision,
          threads,
          lanes,
          batchUtterances,
          batchSeconds,
          queueUtterances,
          maxDelay,
          channel,
          pooling);
    }
  }
}
