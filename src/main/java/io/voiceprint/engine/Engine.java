package io.voiceprint.engine;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import java.util.List;
import java.util.Optional;

/**
 * Executes a front end and a network on one device. Thread-safe. Every embedding is the same, to
 * the bit, alone or in any company, within one engine, device and precision.
 *
 * <p>Callers validate: samples are finite, mono, at the front end's sample rate, and give at least
 * {@link #minFrames()} and at most {@link #maxFrames()} frames.
 */
public interface Engine extends AutoCloseable {

  /** Short, as command lines spell the device, such as {@code "cpu"}. */
  default String name() {
    return description();
  }

  /** What computes, in words, such as {@code "reference, 2 threads"}. */
  String description();

  Precision precision();

  /**
   * The filter bank whose features the network expects; it also says what sample rate and how many
   * samples.
   */
  FbankOptions frontEnd();

  /** Elements D of an embedding. */
  int embeddingSize();

  /** Fewest feature frames an utterance may have. */
  int minFrames();

  /** Most feature frames an utterance may have on this device. */
  int maxFrames();

  /** Calls of {@link #embed} that are worth making at the same time; more than these only wait. */
  default int lanes() {
    return 1;
  }

  /** How utterances of one call share the work: whoever forms batches cuts them so. */
  default Rows rows() {
    return Rows.UNBOUNDED;
  }

  /** Whether the device was lost, so that every further call fails until the engine is reopened. */
  default boolean isBroken() {
    return false;
  }

  /** Memory of the device; empty if it has none of its own, or does not answer. */
  default Optional<DeviceMemory> memory() {
    return Optional.empty();
  }

  /**
   * Log-mel filter bank with the mean over time subtracted, as this engine computes it.
   *
   * @param samples mono PCM in [-1, 1]
   */
  Features features(float[] samples);

  /**
   * From samples to embeddings.
   *
   * @param utterances mono PCM in [-1, 1], of any mixture of lengths
   * @return one embedding (D) per utterance, in order
   * @throws EngineException if the device fails; the engine stays usable unless the message says
   *     otherwise
   */
  List<float[]> embed(List<float[]> utterances);

  /**
   * Whether {@link #embedAudio(List)} resamples audio of a rate itself, in float32, as {@link
   * io.voiceprint.audio.Resampler} does in double.
   *
   * @param sampleRate in Hz, other than the front end's
   */
  default boolean resamples(int sampleRate) {
    return false;
  }

  /**
   * As {@link #embed}, from audio at the front end's rate, or at rates that this {@link
   * #resamples}. 16-bit samples give the bits of the floats that they stand for.
   */
  default List<float[]> embedAudio(List<PcmAudio> utterances) {
    return embed(utterances.stream().map(PcmAudio::samples).toList());
  }

  /**
   * As {@link #embedAudio(List)}; no bit depends on who waits.
   *
   * @param othersWait whether more utterances wait for this engine, so that how many it computes
   *     counts for more than how soon it returns these
   */
  default List<float[]> embedAudio(List<PcmAudio> utterances, boolean othersWait) {
    return embedAudio(utterances);
  }

  /**
   * Prepares for utterances of these lengths, alone in their batch, so that the first of them are
   * as fast as later ones. Waits for the calls under way where that must be.
   *
   * @param frames each {@link #minFrames()} to {@link #maxFrames()}
   * @throws EngineException if the device fails
   */
  default void warmUp(int... frames) {}

  /** As {@link #embed}, from features whose mean over time is already subtracted. */
  List<float[]> embedFeatures(List<Features> utterances);

  /**
   * One intermediate value, for tests and diagnosis.
   *
   * @param node name of a node of the graph
   * @return the value in C order: (C, F, T) for a feature map, (D) for a vector
   * @throws IllegalArgumentException if the graph has no such node
   */
  float[] activation(Features features, String node);

  /**
   * Time of every node, for profiles. The utterance has the device to itself and runs node by node;
   * other calls do not pay for this one's clocks.
   *
   * @return nanoseconds by position in the graph's nodes; 0 for a node that computes nothing by
   *     itself: a view, or work that was fused into a neighbour
   * @throws UnsupportedOperationException if this engine cannot tell
   */
  default long[] nodeNanos(Features features) {
    throw new UnsupportedOperationException(description() + " does not time its nodes");
  }

  /**
   * How {@link #nodeNanos} takes its times, in words, where that is another way than that of an
   * ordinary call, so that their sum is not the time of a pass; else empty.
   */
  default String nodeTiming() {
    return "";
  }

  /**
   * What every node makes the device do in {@link #nodeNanos}, in the same order; empty if this
   * engine does not count that.
   */
  default List<NodeWork> nodeWork(Features features) {
    return List.of();
  }

  /**
   * Measures what the device achieves at most, for profiles; takes about a second. Calls under way
   * would disturb it, and it them. Empty if this engine has no device of its own.
   *
   * @throws EngineException if that fails; the engine stays usable unless the message says
   *     otherwise
   */
  default Optional<DeviceLimits> measureLimits() {
    return Optional.empty();
  }

  /**
   * Computes one utterance from samples to embedding, launch by launch, between marks at which an
   * attached profiler begins and ends to look (Nsight Compute: {@code --profile-from-start off}).
   * Does nothing if this engine knows no such marks.
   *
   * @param utterance as for {@link #embedAudio(List)}
   */
  default void passForProfiler(PcmAudio utterance) {}

  /**
   * Frees the device's resources. Closing twice is harmless; any other call afterwards is an error.
   */
  @Override
  void close();
}
