package io.voiceprint.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged files: whatever the bytes, a reader gives finite samples within its limit or an
 * AudioException, and comes to an end.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FuzzTest {
  private static final int ROUNDS = 250;
  private static final Duration LIMIT = Duration.ofSeconds(5);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "16k.wav",
        "16k_float64.wav",
        "16k_ulaw.wav",
        "44k1.wav",
        "16k.flac",
        "44k1.flac",
        "16k.mp3",
        "16k_crc.mp3",
        "44k1_vbr.mp3",
        "16k_id3.mp3",
        "8k.mp3",
        "16k.ogg",
        "44k1.ogg"
      })
  void survivesDamage(String name) {
    byte[] original = Fixtures.bytes(name);
    Random random = new Random(name.hashCode());
    int read = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] damaged = damage(original, random, round);
      if (name.endsWith(".ogg") && round % 4 != 0) {
        OggFile.repairChecksums(damaged);
      }
      read += reads(damaged, "%s round %d".formatted(name, round)) ? 1 : 0;
    }
    assertTrue(read < ROUNDS, name + ": no damage was noticed");
  }

  @Test
  void survivesNoise() {
    Random random = new Random(5);
    String[] beginnings = {"", "RIFF\0\0\0\0WAVE", "fLaC", "OggS", "ID3", "\u00ff\u00fb"};
    for (int round = 0; round < 600; round++) {
      byte[] noise = new byte[random.nextInt(5000)];
      random.nextBytes(noise);
      String beginning = beginnings[round % beginnings.length];
      for (int i = 0; i < Math.min(beginning.length(), noise.length); i++) {
        noise[i] = (byte) beginning.charAt(i);
      }
      reads(noise, "noise round " + round);
    }
  }

  /** Checksums keep damage out of the subframes, so these are met by noise directly. */
  @Test
  void flacSubframesSurviveNoise() throws IOException {
    Random random = new Random(6);
    int decoded = 0;
    for (int round = 0; round < 3000; round++) {
      byte[] noise = new byte[1 + random.nextInt(3000)];
      random.nextBytes(noise);
      noise[0] &= 0x7f;
      ByteInput in = new ByteInput(new ByteArrayInputStream(noise), "noise");
      try {
        long[] samples =
            new FlacSubframe(in, new FlacBits(in))
                .read(1 + random.nextInt(600), 4 + random.nextInt(30));
        decoded += samples.length > 0 ? 1 : 0;
      } catch (AudioException | EOFException e) {
        assertTrue(e instanceof EOFException || e.getMessage().startsWith("noise: FLAC"));
      }
    }
    assertTrue(decoded > 100, decoded + " subframes decoded");
  }

  @ParameterizedTest
  @ValueSource(strings = {"16k.wav", "16k.flac", "16k_id3.mp3", "16k.ogg"})
  void survivesEveryLength(String name) {
    byte[] original = Fixtures.bytes(name);
    for (int length = 0; length < original.length; length += length < 200 ? 1 : 97) {
      reads(Arrays.copyOf(original, length), name + " cut to " + length);
    }
  }

  private static boolean reads(byte[] bytes, String name) {
    try {
      DecodedAudio decoded =
          new AudioReader(ChannelChoice.MIX, LIMIT).read(new ByteArrayInputStream(bytes), name);
      float[] samples = decoded.audio().samples();
      assertTrue(samples.length <= LIMIT.toSeconds() * decoded.sourceSampleRate(), name);
      for (float sample : samples) {
        assertTrue(Math.abs(sample) <= 1f, name + ": sample " + sample);
      }
      return true;
    } catch (AudioException e) {
      assertTrue(e.getMessage().startsWith(name + ": "), e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      return false;
    } catch (IOException | RuntimeException e) {
      throw new AssertionError(name, e);
    }
  }

  private static byte[] damage(byte[] original, Random random, int round) {
    byte[] bytes = original.clone();
    // Every other round goes for the headers, where little damage does much.
    int range = round % 2 == 0 ? bytes.length : Math.min(bytes.length, 300);
    for (int hits = 1 + random.nextInt(8); hits > 0; hits--) {
      int at = random.nextInt(range);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = (byte) 0xff;
        case 2 -> bytes[at] = 0;
        default -> bytes[at] = (byte) (bytes[at] ^ (1 << random.nextInt(8)));
      }
    }
    if (round % 5 == 0) {
      int at = random.nextInt(bytes.length);
      int length = Math.min(bytes.length - at, random.nextInt(100));
      System.arraycopy(original, random.nextInt(bytes.length - length), bytes, at, length);
    }
    return bytes;
  }
}
