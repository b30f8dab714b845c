package io.voiceprint.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Short audio files for tests. */
final class Wavs {
  private static final int RATE = 16000;

  private Wavs() {}

  /** Half a second of seeded noise. */
  static Path noise(Path file, long seed) throws IOException {
    return noise(file, seed, RATE / 2);
  }

  /** Some samples of seeded noise, 16 bits, 16 kHz. */
  static Path noise(Path file, long seed, int samples) throws IOException {
    Random random = new Random(seed);
    ByteBuffer wav = ByteBuffer.allocate(44 + 2 * samples).order(ByteOrder.LITTLE_ENDIAN);
    wav.put(ascii("RIFF")).putInt(36 + 2 * samples).put(ascii("WAVEfmt ")).putInt(16);
    wav.putShort((short) 1).putShort((short) 1).putInt(RATE).putInt(2 * RATE);
    wav.putShort((short) 2).putShort((short) 16).put(ascii("data")).putInt(2 * samples);
    for (int i = 0; i < samples; i++) {
      wav.putShort((short) (random.nextGaussian() * 2000));
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    return Files.write(file, wav.array());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
