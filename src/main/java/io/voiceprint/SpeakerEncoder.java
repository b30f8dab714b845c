package io.voiceprint;

import io.voiceprint.audio.AudioReader;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.batch.Batcher;
import io.voiceprint.batch.SystemTime;
import io.voiceprint.batch.TimeSource;
import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.engine.DeviceMemory;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.ModelException;
import io.voiceprint.model.SpeakerModel;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

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
 * EncoderOptions#queueUtterances()} utterances, and an eighth of the heap); while it is full, the
 * {@code embed} methods wait and the {@code submit} methods refuse. Arrays of samples are not
 * copied and must not change until their embedding is there.
 *
 * <p>Owns a device's resources: close it.
 */
public final class SpeakerEncoder implements AutoCloseable {
  private static final double USUAL_SECONDS = 3;

  private final List<Engine> engines;
  private final ModelInfo model;
  private final EncoderLimits limits;
  private final Intake intake;
  private final Batcher batcher;
  private final Submission submission;
  private final WarmUp warmUp;

  /** Takes ownership of {@code engines}, which run the same network, and of {@code time}. */
  SpeakerEncoder(List<Engine> engines, ModelInfo model, EncoderOptions options, TimeSource time) {
    this.engines = List.copyOf(engines);
    this.model = model;
    this.limits = EncoderLimits.of(engines, options);
    this.intake = new Intake(limits, this::resampledByEngines, options.channel());
    this.batcher = new Batcher(engines, options.batchLimits(engines.get(0).frontEnd()), time);
    this.submission = new Submission(intake, batcher, time);
    this.warmUp = new WarmUp(this.engines, limits);
  }

  /** Whichever engine takes it must resample it. */
  private boolean resampledByEngines(int rate) {
    for (Engine engine : engines) {
      if (!engine.resamples(rate)) {
        return false;
      }
    }
    return true;
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
   *     family, of ECAPA-TDNN or of CAM++; the network is recognised by its tensors, in ONNX by its
   *     structure
   * @throws UnusableModelException if the file cannot be read, holds no network that is known, or
   *     leaves its pooling open and the options do not settle it
   * @throws UnusableDeviceException if the device asked for is missing, cannot hold the model, or
   *     lacks the precision
   */
  public static SpeakerEncoder open(Path model, EncoderOptions options) {
    EngineSelection selection = EngineSelection.of(options);
    try {
      return open(SpeakerModel.load(model, options.pooling().orElse(null)), selection, options);
    } catch (CheckpointException | ModelException | UncheckedIOException e) {
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
    List<Engine> engines = selection.open(model.graph(), model.frontEnd(), options);
    return new SpeakerEncoder(engines, ModelInfo.of(model), options, new SystemTime());
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
    return embed(intake.read(audio));
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
    return embed(Utterance.of("audio", audio));
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

  /**
   * As {@link #embed(PcmAudio)}, with the bits that the same samples give as floats. A GPU gets
   * them as they are, half as many bytes.
   *
   * @param samples 16-bit PCM, mono: what a microphone gives; 2^15 is full scale
   * @param sampleRate in Hz
   * @throws IllegalArgumentException if the sample rate is not positive
   */
  public Embedding embed(short[] samples, int sampleRate) {
    return embed(new PcmAudio(Objects.requireNonNull(samples, "samples"), sampleRate));
  }

  private Embedding embed(Utterance utterance) {
    try {
      return put(utterance).await();
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
      return new EmbeddingRun(submission, utterances).results(limits.batchUtterances());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * The embedding of audio in memory, later. The samples are checked by the calling thread, which
   * also resamples them unless the device does; while the queue is full it waits, so a producer
   * cannot run ahead of the device.
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
    return embedAsync(Utterance.of("audio", audio));
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
      return embedAsync(intake.read(audio));
    } catch (UnusableAudioException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<Embedding> embedAsync(Utterance utterance) {
    try {
      return put(utterance).future();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private PendingEmbedding put(Utterance utterance) throws InterruptedException {
    return submission.put(List.of(utterance)).get(0);
  }

  /**
   * Decodes audio for {@link #submit(Utterance, SubmitOptions)}, on the calling thread. Memory
   * grows with the samples that are there, up to the longest utterance of {@link #limits()}.
   *
   * @param name what to call the audio in messages
   * @param encoded of any format that {@link AudioReader} reads; the caller closes it
   * @throws UnusableAudioException if it cannot be read, or is longer than the limit
   * @throws IllegalStateException if this encoder is closed
   */
  public Utterance decode(String name, InputStream encoded) {
    requireOpen();
    return intake.read(name, encoded);
  }

  /**
   * Refuses what {@link #submit(List, SubmitOptions)} would refuse now, before work such as
   * decoding is put into it. Room is not reserved.
   *
   * @throws OverloadedException if the queue has no room for so many utterances; they count as
   *     rejected
   * @throws IllegalArgumentException if they are more than the queue could ever hold
   * @throws IllegalStateException if this encoder is closed
   */
  public void requireRoom(int utterances) {
    requireOpen();
    submission.requireRoom(utterances);
  }

  /**
   * The embedding of one utterance, later; see {@link #submit(List, SubmitOptions)}.
   *
   * @throws OverloadedException if the queue is full
   * @throws IllegalStateException if this encoder is closed
   */
  public CompletableFuture<Embedding> submit(Utterance utterance, SubmitOptions options) {
    return submit(List.of(utterance), options).get(0);
  }

  /**
   * The embeddings of utterances that belong together, later. Never waits: all are accepted, or
   * none is. The samples are checked by the calling thread, which also resamples them unless the
   * device does.
   *
   * <p>Each future fails with {@link UnusableAudioException}, {@link UnusableDeviceException} or
   * {@link VoiceprintException} as {@link #embed(PcmAudio)} would, or with {@link
   * DeadlineExceededException} as soon as its timeout is over, whether or not its turn has come. An
   * utterance that is cancelled or times out before its turn gives up its place at once and is not
   * computed. Stages that depend on a future never run on a thread of the encoder.
   *
   * @param utterances at most {@link EncoderLimits#queueUtterances()}
   * @return one future per utterance, in order
   * @throws OverloadedException if the queue has no room for all of them; they count as rejected
   * @throws IllegalArgumentException if they are more than the queue could ever hold
   * @throws IllegalStateException if this encoder is closed
   */
  public List<CompletableFuture<Embedding>> submit(
      List<Utterance> utterances, SubmitOptions options) {
    requireOpen();
    return submission.offer(utterances, options).stream().map(PendingEmbedding::future).toList();
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
    return EncoderStats.of(batcher.stats(), limits.sampleRate());
  }

  /** The network it runs. */
  public ModelInfo modelInfo() {
    return model;
  }

  /** Short name of the engine that computes, such as {@code "cpu"}. */
  public String engineName() {
    return engines.get(0).name();
  }

  /** What computes, in words, such as {@code "reference (plain Java), 2 threads"}. */
  public String device() {
    return engines.stream().map(Engine::description).collect(Collectors.joining("; "));
  }

  /** Memory of the devices that have their own, each device once; a snapshot. */
  public List<DeviceMemory> deviceMemory() {
    return engines.stream().map(Engine::memory).flatMap(Optional::stream).toList();
  }

  /** The precision it computes in. */
  public Precision precision() {
    return engines.get(0).precision();
  }

  /**
   * Computes an utterance of 3 seconds, so that the first real one does not pay for what a device
   * prepares on first use.
   *
   * @throws UnusableDeviceException if the device fails
   * @throws IllegalStateException if this encoder is closed
   */
  public void warmUp() {
    warmUp(USUAL_SECONDS);
  }

  /**
   * Prepares each device for utterances of the given lengths (on a GPU, captures them as graphs),
   * then computes one of noise of each, one after the other. The latter count in {@link #stats()}.
   *
   * @param seconds lengths to expect; shorter and longer ones than {@link #limits()} are moved
   *     there
   * @throws UnusableDeviceException if the device fails
   * @throws IllegalStateException if this encoder is closed
   */
  public void warmUp(double... seconds) {
    requireOpen();
    for (float[] noise : warmUp.prepare(seconds)) {
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
    Engines.closeAll(engines);
  }
}
