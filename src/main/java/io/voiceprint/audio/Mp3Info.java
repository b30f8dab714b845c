package io.voiceprint.audio;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The first frame of many MP3 files, which holds no sound but the numbers of the encoder (Xing,
 * Info and VBRI headers, LAME extension).
 *
 * @param frames sound frames that follow, 0 if not said
 * @param delay samples that the encoder put before the sound
 * @param padding samples that it put behind
 */
record Mp3Info(long frames, int delay, int padding) {
  /** Samples by which every decoder lags behind the encoder. */
  private static final int DECODER_DELAY = 529;

  private static final int VBRI_AT = MpegHeader.BYTES + 32;

  /** What {@code frame} says, or {@code null} if it is an ordinary frame. */
  static Mp3Info parse(MpegHeader header, byte[] frame) {
    ByteBuffer in = ByteBuffer.wrap(frame);
    int at = MpegHeader.BYTES + header.sideInfoBytes();
    if (header.checksum() && !has(frame, at, "Xing") && !has(frame, at, "Info")) {
      // Encoders do not agree whether a checksum moves the tag; LAME leaves it in place.
      at += 2;
    }
    if (has(frame, at, "Xing") || has(frame, at, "Info")) {
      if (frame.length < at + 8) {
        return new Mp3Info(0, 0, 0);
      }
      int flags = in.getInt(at + 4);
      int next = at + 8;
      boolean counted = (flags & 1) != 0 && frame.length >= next + 4;
      long frames = counted ? in.getInt(next) & 0xffff_ffffL : 0;
      next += 4 * (flags & 1) + 2 * (flags & 2) + 25 * (flags & 4) + (flags & 8) / 2;
      boolean lame =
          has(frame, next, "LAME") || has(frame, next, "Lavf") || has(frame, next, "Lavc");
      if (!lame || frame.length < next + 24) {
        return new Mp3Info(frames, 0, 0);
      }
      int packed = in.getInt(next + 20) & 0xffffff;
      return new Mp3Info(
          frames, (packed >> 12) + DECODER_DELAY, Math.max(0, (packed & 0xfff) - DECODER_DELAY));
    }
    return has(frame, VBRI_AT, "VBRI") ? new Mp3Info(0, 0, 0) : null;
  }

  private static boolean has(byte[] frame, int at, String text) {
    return frame.length >= at + text.length()
        && new String(frame, at, text.length(), StandardCharsets.ISO_8859_1).equals(text);
  }
}
