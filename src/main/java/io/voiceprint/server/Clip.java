package io.voiceprint.server;

import io.voiceprint.audio.PcmAudio;
import java.nio.ByteBuffer;

/** An utterance as a request brings it. */
sealed interface Clip {
  /** What to call it in answers. */
  String name();

  /** A file of any format that is read. */
  record Encoded(String name, ByteBuffer bytes) implements Clip {}

  /** Samples. */
  record Samples(String name, PcmAudio audio) implements Clip {}
}
