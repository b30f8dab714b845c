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
  },
  MP3 {
    @Override
    DecodedAudio read(ByteInput in, ReadContext context) throws IOException {
      return Mp3Reader.read(in, context);
    }
  },
  OGG_VORBIS {
    @Override
    DecodedAudio read(ByteInput in, ReadContext context) throws IOException {
      return VorbisReader.read(in, context);
    }
  };

  private static final int ID3_HEADER_BYTES = 10;

  abstract DecodedAudio read(ByteInput in, ReadContext context) throws IOException;

  /** The format of an input that has not been read yet; skips ID3v2 tags before the audio. */
  static AudioFormat detect(ByteInput in) throws IOException {
    if (in.peek(1).length == 0) {
      throw in.error("the file is empty");
    }
    skipId3(in);
    byte[] head = in.peek(ByteInput.LOOKAHEAD);
    String text = new String(head, 0, Math.min(head.length, 12), StandardCharsets.ISO_8859_1);
    if (text.startsWith("RIFX")) {
      throw in.error("big-endian WAV (RIFX) is not supported; convert it to RIFF");
    }
    if (text.startsWith("RIFF") || text.startsWith("RF64")) {
      if (text.length() == 12 && !text.endsWith("WAVE")) {
        throw in.error("a RIFF file, but not WAVE audio");
      }
      return WAV;
    }
    if (text.startsWith("fLaC")) {
      return FLAC;
    }
    if (text.startsWith("OggS")) {
      return OGG_VORBIS;
    }
    if (Mp3Reader.isMp3(head)) {
      return MP3;
    }
    throw in.error("not a known audio format; WAV, FLAC, MP3 and Ogg Vorbis can be read");
  }

  /** ID3v2: ten bytes of header, the last four of which hold the length in 7 bits each. */
  private static void skipId3(ByteInput in) throws IOException {
    byte[] head = in.peek(ID3_HEADER_BYTES);
    while (head.length == ID3_HEADER_BYTES && head[0] == 'I' && head[1] == 'D' && head[2] == '3') {
      int size = 0;
      for (int i = 6; i < ID3_HEADER_BYTES; i++) {
        size = (size << 7) | (head[i] & 0x7f);
      }
      boolean footer = (head[5] & 0x10) != 0;
      in.skip(ID3_HEADER_BYTES + size + (footer ? ID3_HEADER_BYTES : 0));
      head = in.peek(ID3_HEADER_BYTES);
    }
  }
}
