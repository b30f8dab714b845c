package io.voiceprint.audio;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The files of src/test/resources/audio; its README says what they are. */
final class Fixtures {
  private Fixtures() {}

  static byte[] bytes(String name) {
    try (InputStream in = Fixtures.class.getResourceAsStream("/audio/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static DecodedAudio read(String name) throws IOException {
    return read(bytes(name), name);
  }

  static DecodedAudio read(byte[] bytes, String name) throws IOException {
    return new AudioReader().read(new ByteArrayInputStream(bytes), name);
  }

  static float[] samples(String name) throws IOException {
    return read(name).audio().samples();
  }
}
