package io.voiceprint.server;

import io.voiceprint.Embedding;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.SubmitOptions;
import io.voiceprint.UnusableDeviceException;
import io.voiceprint.server.config.ModelSpec;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * A model that is loaded and warm. Thread-safe.
 *
 * @param spec as it was configured
 * @param encoder computes; the registry closes it
 * @param reader of its clips
 */
record ServedModel(ModelSpec spec, SpeakerEncoder encoder, ClipReader reader)
    implements AutoCloseable {

  /** The only version that there is of a model, in the Open Inference Protocol's sense. */
  static final String VERSION = "1";

  /** Opens and warms a model. */
  static ServedModel open(ModelSpec spec, Duration longest) {
    SpeakerEncoder encoder = SpeakerEncoder.open(spec.file(), spec.options());
    try {
      encoder.warmUp(spec.warmUpSeconds().stream().mapToDouble(Double::doubleValue).toArray());
    } catch (RuntimeException e) {
      encoder.close();
      throw e;
    }
    return new ServedModel(spec, encoder, new ClipReader(spec.options().channel(), longest));
  }

  String name() {
    return spec.name();
  }

  /**
   * Refuses work early, before its audio is received.
   *
   * @throws io.voiceprint.OverloadedException if the queue is full
   */
  void requireRoom() {
    encoder.requireRoom(1);
  }

  /**
   * Decodes a clip and hands it in; see {@link SpeakerEncoder#submit(io.voiceprint.Utterance,
   * SubmitOptions)}.
   *
   * @throws java.util.concurrent.CancellationException if it is abandoned while it is decoded
   */
  CompletableFuture<Embedding> submit(Clip clip, SubmitOptions options, BooleanSupplier abandoned) {
    return encoder.submit(reader.read(clip, abandoned), options);
  }

  /** Whether its device still computes. */
  boolean works() {
    try {
      encoder.warmUp(1);
      return true;
    } catch (UnusableDeviceException e) {
      return false;
    }
  }

  /** Finishes what was accepted. */
  @Override
  public void close() {
    encoder.close();
  }
}
