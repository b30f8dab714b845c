package io.voiceprint.bench;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Precision;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** What is measured. Any number of threads may call at the same time. */
interface Subject extends AutoCloseable {
  /** Short name of the engine, such as {@code "cpu"}. */
  String engineName();

  /** What computes, in words. */
  String device();

  Precision precision();

  /** Bytes in use on a device with memory of its own. */
  OptionalLong deviceBytes();

  /**
   * A call that embeds clips.
   *
   * @param clips mono, at the network's rate
   * @return gives their embeddings, in order, each time anew
   */
  Supplier<List<float[]>> prepare(List<PcmAudio> clips);

  @Override
  void close();
}
