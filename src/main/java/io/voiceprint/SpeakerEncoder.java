package io.voiceprint;

import io.voiceprint.audio.AudioException;
import io.voiceprint.audio.AudioReader;
import io.voiceprint.audio.AudioWarning;
import io.voiceprint.audio.DecodedAudio;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.Resampler;
import io.voiceprint.batch.BatchLimits;
import io.voiceprint.batch.Batcher;
import io.voiceprint.batch.BatcherStats;
import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.model.ModelException;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * Turns speech into speaker embeddings.
 *
 * <pre>{@code
 * try (SpeakerEncoder encoder = SpeakerEncoder.open(Path.of("eres2net.ckpt"))) {
 *   double score = encoder.embed(Path.of("a.wav")).cosine(encoder.embed(Path.of("b.wav")));
 * }
 * }</pre>
 *
 * <p>Thread-safe, and meant to be shared: calls of several threads that come together are computed
 * together, and the embedding of an utterance is the same, to the bit, alone or in any company. A
 * call that cannot start at once waits in a queue of bounded length ({@link
 * EncoderOptions#queueUtterances()} utterances, and an eighth of the heap); while it is full, every
 * method that submits audio waits. Arrays of samples are not copied and must not change until their
 * embedding is there.
 *
 * <p>Owns a device's resources: close it.
 */
public final class SpeakerEncoder implements AutoCloseable {
  private static final long MAX_ARRAY = Integer.MAX_VALUE - 16;
  private static final Duration LONGEST_FILE = Duration.ofHours(24);

  /** Share of the heap, one in this many bytes, that waiting samples may take. */
  private static final int QUEUE_HEAP_SHARE = 8;

  private static final double WARM_UP_SECONDS = 3;
  private static final long WARM_UP_SEED = 1;

  private final Engine engine;
  private final ModelInfo model;
  private final EncoderLimits limits;
  private final Intake intake;
  private final AudioReader reader;
  private final Batcher batcher;

  /** Takes ownership of {@code engine}. */
  SpeakerEncoder(Engine engine, ModelInfo model, EncoderOptions options) {
    this.engine = engine;
    this.model = model;
    this.limits = limits(engine, options);
    this.intake = new Intake(limits);
    this.reader = new AudioReader(options.channel(), longestFile(limits));
    long batchSamples = (long) Math.max(1, options.batchSeconds() * limits.sampleRate());
    long queueSamples = Runtime.getRuntime().maxMemory() / QUEUE_HEAP_SHARE / Float.BYTES;
    this.batcher =
        new Batcher(
            engine,
            new BatchLimits(
                options.batchUtterances(),
                Math.min(batchSamples, limits.maxSamples()),
                options.queueUtterances(),
                queueSamples));
  }

  private static EncoderLimits limits(Engine engine, EncoderOptions options) {
    FbankOptions frontEnd = engine.frontEnd();
    long maxSamples = frontEnd.samplesFor(engine.maxFrames()) + frontEnd.frameShift() - 1;
    return new EncoderLimits(
        frontEnd.sampleRate(),
        Resampler.MIN_RATE,
        Resampler.MAX_RATE,
        frontEnd.samplesFor(engine.minFrames()),
        Math.min(maxSamples, MAX_ARRAY),
        engine.embeddingSize(),
        options.batchUtterances(),
        options.queueUtterances());
  }

  private static Duration longestFile(EncoderLimits limits) {
    // A second more, so that what is just too long is refused with the exact limit.
    Duration longest = Duration.ofSeconds((long) limits.maxSeconds() + 1);
    return longest.compareTo(LONGEST_FILE) < 0 ? longest : LONGEST_FILE;
  }

  /**
   * Opens a model with {@link EncoderOptions#DEFAULTS}.
   *
   * @param model a weight file; see {@link #open(Path, EncoderOptions)}
   * @throws UnusableModelException if the file cannot be read or holds no network that is known
   * @throws UnusableDeviceException if the device cannot hold the model
   */
  public static SpeakerEncoder open(Path model) {
    return open(model, EncoderOptions.DEFAULTS);
  }

  /**
   * Opens a model.
   *
   * @param model a PyTorch checkpoint, safetensors or ONNX file of a network of the ERes2Net
   *     family; the network is recognised by names and shapes of its tensors
   * @throws UnusableModelException if the file cannot be read, holds no network that is known, or
   *     leaves its pooling open and the options do not settle it
   * @throws UnusableDeviceException if the device asked for is missing, cannot hold the model, or
   *     lacks the precision
   */
  public static SpeakerEncoder open(Path model, EncoderOptions options) {
    EngineSelection selection = EngineSelection.of(options);
    try {
      return open(SpeakerModel.load(model, options.pooling().orElse(null)), selection, options);
    } catch (CheckpointException | ModelException e) {
      throw new UnusableModelException(e.getMessage(), e);
    }
  }

  /**
   * Opens a model that is in memory already, such as one with seeded weights.
   *
   * @param options whose pooling is not looked at
   * @throws UnusableDeviceException as {@link #open(Path, EncoderOptions)}
   */
  public static SpeakerEncoder open(SpeakerModel model, EncoderOptions options) {
    return open(model, EngineSelection.of(options), options);
  }

  private static SpeakerEncoder open(
      SpeakerModel model, EngineSelection selection, EncoderOptions options) {
    ModelInfo info =
        new ModelInfo(
            model.source(),
            model.architecture().toString(),
            model.parameters(),
            model.graph().embeddingSize(),
            model.threshold());
    Engine engine = selection.open(model.graph(), model.frontEnd(), options);
    return new SpeakerEncoder(engine, info, options);
  }

  /**
   * The embedding of an audio file, of one of its channels ({@link EncoderOptions#channel()}).
   *
   * @param audio a file of any format that {@link AudioReader} reads
   * @return the embedding (D), with what the reader found doubtful as its warnings
   * @throws UnusableAudioException if the file cannot be read, or has no embedding; see {@link
   *     #embed(PcmAudio)}
   * @throws UnusableDeviceException if the device fails
   * @throws VoiceprintException if the thread is interrupted while it waits (its interrupt flag
   *     stays set), or the result is not finite
   * @throws IllegalStateException if this encoder is closed
   */
  public Embedding embed(Path audio) {
    requireOpen();
    DecodedAudio decoded = read(audio);
    return embed(audio.toString(), decoded.audio(), decoded.warnings());
  }

  private DecodedAudio read(Path file) {
    try {
      return reader.read(file);
    } catch (AudioException e) {
      throw new UnusableAudioException(e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new UnusableAudioException(file + ": no such file", e);
    } catch (IOException e) {
      throw new UnusableAudioException("%s: cannot be read: %s".formatted(file, e), e);
    }
  }

  /**
   * The embedding of audio in memory.
   *
   * @param audio mono; resampled if it is not at the network's rate
   * @return the embedding (D), with what is doubtful about the samples as its warnings
   * @throws UnusableAudioException if a sample is not finite, or the rate or the length is outside
   *     {@link #limits()}
   * @throws UnusableDeviceException if the device fails
   * @throws VoiceprintException if the thread is interrupted while it waits (its interrupt flag
   *     stays set), or the result is not finite
   * @throws IllegalStateException if this encoder is closed
   */
  public Embedding embed(PcmAudio audio) {
    requireOpen();
    return embed("audio", audio, AudioWarning.of(audio));
  }

  /**
   * As {@link #embed(PcmAudio)}.
   *
   * @param samples mono, in [-1, 1]
   * @param sampleRate in Hz
   * @throws IllegalArgumentException if the sample rate is not positive
   */
  public Embedding embed(float[] samples, int sampleRate) {
    return embed(new PcmAudio(Objects.requireNonNull(samples, "samples"), sampleRate));
  }

  private Embedding embed(String name, PcmAudio audio, List<AudioWarning> warnings) {
    try {
      return submit(name, audio, warnings).await();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * The embeddings of many utterances. One that has none does not keep the others from theirs.
   * While the first are computed, those behind them are prepared, never more than the queue holds.
   *
   * @return one result per utterance, in order; a failure holds what {@link #embed(PcmAudio)} would
   *     throw
   * @throws VoiceprintException if the thread is interrupted while it waits; its interrupt flag
   *     stays set, and what was not computed yet is cancelled
   * @throws IllegalStateException if this encoder is closed
   */
  public List<EmbeddingResult> embedAll(List<PcmAudio> utterances) {
    requireOpen();
    try {
      return new EmbeddingRun(intake, batcher, utterances).results(limits.batchUtterances());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * The embedding of audio in memory, later. The samples are checked and resampled by the calling
   * thread; while the queue is full it waits, so a producer cannot run ahead of the device.
   *
   * <p>Stages that depend on the future never run on a thread of the encoder. A future that is
   * cancelled before its turn is not computed.
   *
   * @param audio mono; resampled if it is not at the network's rate
   * @return fails with what {@link #embed(PcmAudio)} throws for such audio or device
   * @throws VoiceprintException if the thread is interrupted while the queue is full; its interrupt
   *     flag stays set
   * @throws IllegalStateException if this encoder is closed
   */
  public CompletableFuture<Embedding> embedAsync(PcmAudio audio) {
    requireOpen();
    try {
      return submit("audio", audio, AudioWarning.of(audio)).future();
    } catch (UnusableAudioException e) {
      return CompletableFuture.failedFuture(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * The embedding of an audio file, later. The file is read by the calling thread; otherwise as
   * {@link #embedAsync(PcmAudio)}.
   *
   * @param audio a file of any format that {@link AudioReader} reads
   * @return fails with what {@link #embed(Path)} throws for such a file or device
   * @throws VoiceprintException if the thread is interrupted while the queue is full; its interrupt
   *     flag stays set
   * @throws IllegalStateException if this encoder is closed
   */
  public CompletableFuture<Embedding> embedAsync(Path audio) {
    requireOpen();
    try {
      DecodedAudio decoded = read(audio);
      return submit(audio.toString(), decoded.audio(), decoded.warnings()).future();
    } catch (UnusableAudioException e) {
      return CompletableFuture.failedFuture(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private PendingEmbedding submit(String name, PcmAudio audio, List<AudioWarning> warnings)
      throws InterruptedException {
    float[] samples = intake.samples(name, audio);
    CompletableFuture<float[]> values = batcher.submit(List.of(samples)).get(0);
    return new PendingEmbedding(name, audio.seconds(), warnings, values);
  }

  private static VoiceprintException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new VoiceprintException("interrupted while waiting for an embedding", cause);
  }

  private void requireOpen() {
    if (batcher.isClosed()) {
      throw new IllegalStateException("the speaker encoder of " + model.source() + " is closed");
    }
  }

  /** What this encoder accepts. */
  public EncoderLimits limits() {
    return limits;
  }

  /** What it has done; a snapshot. Works after {@link #close} too. */
  public EncoderStats stats() {
    BatcherStats stats = batcher.stats();
    return new EncoderStats(
        stats.utterances(),
        (double) stats.samples() / limits.sampleRate(),
        stats.failures(),
        stats.cancelled(),
        stats.batches(),
        stats.busyNanos() * 1e-9,
        stats.waiting(),
        stats.running());
  }

  /** The network it runs. */
  public ModelInfo modelInfo() {
    return model;
  }

  /** Short name of the engine that computes, such as {@code "cpu"}. */
  public String engineName() {
    return engine.name();
  }

  /** What computes, in words, such as {@code "reference (plain Java), 2 threads"}. */
  public String device() {
    return engine.description();
  }

  /** Bytes in use on a device with memory of its own, by all its users; empty without one. */
  public OptionalLong deviceBytes() {
    return engine.deviceBytes();
  }

  /** The precision it computes in. */
  public Precision precision() {
    return engine.precision();
  }

  /**
   * Computes an utterance of 3 seconds, so that the first real one does not pay for what a device
   * prepares on first use.
   *
   * @throws UnusableDeviceException if the device fails
   * @throws IllegalStateException if this encoder is closed
   */
  public void warmUp() {
    warmUp(WARM_UP_SECONDS);
  }

  /**
   * Computes one utterance of noise of each of the given lengths, one after the other. They count
   * in {@link #stats()}.
   *
   * @param seconds lengths to expect; shorter and longer ones than {@link #limits()} are moved
   *     there
   * @throws UnusableDeviceException if the device fails
   * @throws IllegalStateException if this encoder is closed
   */
  public void warmUp(double... seconds) {
    SplittableRandom random = new SplittableRandom(WARM_UP_SEED);
    for (double length : seconds) {
      long wanted = Math.round(length * limits.sampleRate());
      long samples = Math.max(limits.minSamples(), Math.min(wanted, limits.maxSamples()));
      float[] noise = new float[(int) samples];
      for (int i = 0; i < noise.length; i++) {
        noise[i] = (float) random.nextDouble(-0.1, 0.1);
      }
      var unused = embed(noise, limits.sampleRate());
    }
  }

  /**
   * Finishes what was accepted, refuses what comes, and frees the device. Waits until that is done;
   * if the thread is interrupted meanwhile, utterances that still wait in the queue are cancelled.
   * Closing twice is harmless.
   */
  @Override
  public void close() {
    batcher.close();
    engine.close();
  }
}
