package io.voiceprint.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What encoders at hand do not write: samples of 32 bits, which only few can. */
class FlacReaderTest {
  private static final int RATE = 16_000;
  private static final int[] SAMPLES = {
    0,
    1,
    -1,
    63,
    64,
    -64,
    -65,
    191,
    192,
    1 << 20,
    -(1 << 20) - 3,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE
  };

  private final StringBuilder bits = new StringBuilder();

  /** The next {@code count} bits, most significant first. */
  private void put(long value, int count) {
    for (int i = count - 1; i >= 0; i--) {
      bits.append(value >> i & 1);
    }
  }

  private byte[] bytes() {
    byte[] bytes = new byte[bits.length() / 8];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(bits.substring(8 * i, 8 * i + 8), 2);
    }
    return bytes;
  }

  /** Of the bytes from one on (RFC 9639, 9.1.8 and 9.3). */
  private int crc(int from, int width, int polynomial) {
    int crc = 0;
    for (int bit = 8 * from; bit < bits.length(); bit++) {
      int out = (crc >> (width - 1) & 1) ^ (bits.charAt(bit) - '0');
      crc = (crc << 1 & (1 << width) - 1) ^ (out == 1 ? polynomial : 0);
    }
    return crc;
  }

  /** One channel in one frame whose only subframe is verbatim. */
  private byte[] flac() {
    for (byte letter : "fLaC".getBytes(StandardCharsets.US_ASCII)) {
      put(letter, 8);
    }
    put(0x80, 8);
    put(34, 24);
    put(4096, 16);
    put(4096, 16);
    put(0, 48);
    put(RATE, 20);
    put(0, 3);
    put(31, 5);
    put(SAMPLES.length, 36);
    put(0, 64);
    put(0, 64);
    int frame = bits.length() / 8;
    put(0xfff8, 16);
    put(6, 4);
    put(0, 8);
    put(7, 3);
    put(0, 1);
    put(0, 8);
    put(SAMPLES.length - 1, 8);
    put(crc(frame, 8, 0x07), 8);
    put(1 << 1, 8);
    for (int sample : SAMPLES) {
      put(sample & 0xffff_ffffL, 32);
    }
    put(crc(frame, 16, 0x8005), 16);
    return bytes();
  }

  private static byte[] wav() {
    int data = Integer.BYTES * SAMPLES.length;
    ByteBuffer wav = ByteBuffer.allocate(44 + data).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + data);
    wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    wav.putShort((short) 1).putShort((short) 1).putInt(RATE).putInt(4 * RATE);
    wav.putShort((short) 4).putShort((short) 32);
    wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(data);
    for (int sample : SAMPLES) {
      wav.putInt(sample);
    }
    return wav.array();
  }

  @Test
  void samplesOf32BitsAreRoundedAsThoseOfAWavAre() throws IOException {
    AudioReader reader = new AudioReader();
    DecodedAudio flac = reader.read(new ByteArrayInputStream(flac()), "flac");
    DecodedAudio wav = reader.read(new ByteArrayInputStream(wav()), "wav");
    assertEquals("FLAC", flac.encoding());
    assertEquals("PCM_S32", wav.encoding());
    assertArrayEquals(wav.audio().samples(), flac.audio().samples());
    assertEquals(0x1p-24f, flac.audio().samples()[4]);
  }
}
