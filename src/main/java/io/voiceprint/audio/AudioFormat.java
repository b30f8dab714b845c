package io.voiceprint.audio;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The containers that can be read, known by their first bytes. */
enum AudioFormat {
  WAV {
    @Override
    DecodedAudio read(ByteInput in, ReadContext context) throws IOException {
      return WavReader.read(in, context);
    }
  },
  FLAC {
    @Override
    DecodedAudio read(ByteInput in, ReadContext context) throws IOException {
      return FlacReader.read(in, context);
    }
  };

  abstract DecodedAudio read(ByteInput in, ReadContext context) throws IOException;

  /** The format of an input that has not been read yet; nothing is consumed. */
  static AudioFormat detect(ByteInput in) throws IOException {
    byte[] head = in.peek(12);
    if (head.length == 0) {
      throw in.error("the file is empty");
    }
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (text.startsWith("RIFX")) {
      throw in.error("big-endian WAV (RIFX) is not supported; convert it to RIFF");
    }
    if (text.startsWith("RIFF") || text.startsWith("RF64")) {
      if (head.length == 12 && !text.endsWith("WAVE")) {
        throw in.error("a RIFF file, but not WAVE audio");
      }
      return WAV;
    }
    if (text.startsWith("fLaC")) {
      return FLAC;
    }
    throw in.error("not a known audio format; WAV can be read");
  }
}
