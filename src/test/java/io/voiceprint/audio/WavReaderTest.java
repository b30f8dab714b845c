package io.voiceprint.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.voiceprint.audio.AudioWarning.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WAV files built byte by byte. */
class WavReaderTest {
  private static final int PCM = 1;
  private static final int FLOAT = 3;
  private static final int EXTENSIBLE = 0xfffe;

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 31, 32, 33, 127, 1021, 1024, 1025})
  void readsAnyNumberOfSamplesAndChannels(int frames) throws IOException {
    Random random = new Random(frames);
    for (int channels : new int[] {1, 2, 3, 64}) {
      ByteBuffer data = buffer(2 * frames * channels);
      float[] expected = new float[frames];
      for (int frame = 0; frame < frames; frame++) {
        for (int channel = 0; channel < channels; channel++) {
          short value = (short) random.nextInt(1 << 16);
          data.putShort(value);
          expected[frame] = channel == 0 ? value / 32768f : expected[frame];
        }
      }
      byte[] file = wav(chunk("fmt ", fmt(PCM, channels, 16_000, 16)), chunk("data", data));
      DecodedAudio decoded = read(file);
      assertArrayEquals(expected, decoded.audio().samples());
      assertEquals(channels, decoded.channels());
    }
  }

  @Test
  void extremesOfEveryIntegerFormatAreExact() throws IOException {
    assertArrayEquals(
        new float[] {-1, 0, 127 / 128f},
        samples(8, buffer(3).put((byte) 0).put((byte) 128).put((byte) 255)));
    assertArrayEquals(
        new float[] {-1, 32767 / 32768f},
        samples(16, buffer(4).putShort(Short.MIN_VALUE).putShort(Short.MAX_VALUE)));
    assertArrayEquals(
        new float[] {-1, 1 - 0x1p-23f, -0x1p-23f},
        samples(24, buffer(9).put(new byte[] {0, 0, -128, -1, -1, 127, -1, -1, -1})));
    assertArrayEquals(
        new float[] {-1, 0.5f}, samples(32, buffer(8).putInt(Integer.MIN_VALUE).putInt(1 << 30)));
  }

  @Test
  void readsExtensibleHeaders() throws IOException {
    ByteBuffer format = buffer(40).put(fmt(EXTENSIBLE, 1, 16_000, 16));
    format.putShort((short) 22).putShort((short) 16).putInt(4).putShort((short) PCM);
    format.put(new byte[] {0, 0, 0, 0, 0x10, 0, -128, 0, 0, -86, 0, 56, -101, 113});
    ByteBuffer data = buffer(2).putShort((short) 8192);
    byte[] file = wav(chunk("fmt ", format), chunk("data", data));
    assertArrayEquals(new float[] {0.25f}, read(file).audio().samples());
    format.put(39, (byte) 1);
    assertRefused(wav(chunk("fmt ", format), chunk("data", data)), "unknown subtype");
  }

  @Test
  void skipsOtherChunksWithTheirPadding() throws IOException {
    byte[] file =
        wav(
            chunk("JUNK", buffer(7)),
            chunk("fmt ", fmt(PCM, 1, 8000, 16)),
            chunk("LIST", buffer(5)),
            chunk("data", buffer(2).putShort((short) 16384)),
            chunk("tail", buffer(3)));
    DecodedAudio decoded = read(file);
    assertArrayEquals(new float[] {0.5f}, decoded.audio().samples());
    assertFalse(has(decoded, Kind.TRUNCATED));
  }

  @Test
  void rf64TakesTheSizeFromItsOwnChunk() throws IOException {
    ByteBuffer sizes = buffer(28).putLong(0, 100).putLong(8, 4);
    byte[] data = chunk("data", buffer(4).putShort((short) 16384).putShort((short) -16384));
    ByteBuffer.wrap(data).putInt(4, -1);
    byte[] file =
        wav(
            chunk("ds64", sizes),
            chunk("fmt ", fmt(PCM, 1, 8000, 16)),
            data,
            chunk("tail", buffer(6)));
    System.arraycopy("RF64".getBytes(StandardCharsets.US_ASCII), 0, file, 0, 4);
    DecodedAudio decoded = read(file);
    assertArrayEquals(new float[] {0.5f, -0.5f}, decoded.audio().samples());
    assertFalse(has(decoded, Kind.UNKNOWN_LENGTH));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "-1, -1", "-1, 0", "1000, -1"})
  void streamedHeadersReadToTheEnd(int riffSize, int dataSize) throws IOException {
    byte[] data = chunk("data", buffer(6).putShort(2, (short) 16384));
    ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putInt(4, dataSize);
    byte[] file = wav(chunk("fmt ", fmt(PCM, 1, 8000, 16)), data);
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(4, riffSize);
    DecodedAudio decoded = read(file);
    assertArrayEquals(new float[] {0, 0.5f, 0}, decoded.audio().samples());
    assertTrue(has(decoded, Kind.UNKNOWN_LENGTH));
  }

  @Test
  void namesThePositionOfWhatIsNotANumber() {
    ByteBuffer data = buffer(16).putFloat(0).putFloat(0).putFloat(0).putFloat(Float.NaN);
    assertRefused(
        wav(chunk("fmt ", fmt(FLOAT, 2, 16_000, 32)), chunk("data", data)),
        "sample 1 of channel 1 is NaN");
  }

  @Test
  void clipsFloatsBeyondFullScale() throws IOException {
    ByteBuffer data = buffer(12).putFloat(3).putFloat(-1.5f).putFloat(1);
    DecodedAudio decoded = read(wav(chunk("fmt ", fmt(FLOAT, 1, 16_000, 32)), chunk("data", data)));
    assertArrayEquals(new float[] {1, -1, 1}, decoded.audio().samples());
    assertEquals(
        "clipped: 100.00 % of the samples at full scale (2 beyond it were clipped on reading)",
        decoded.warnings().get(0).message());
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 16000, 16, 0 channels; 1 to 64",
    "1, 65, 16000, 16, 65 channels; 1 to 64",
    "1, 1, 7999, 16, sample rate is 7999 Hz; 8000 to 192000",
    "1, 1, 192001, 16, sample rate is 192001 Hz; 8000 to 192000",
    "1, 1, 16000, 12, format tag 0x0001 with 12 bits",
    "3, 1, 16000, 16, format tag 0x0003 with 16 bits",
    "85, 1, 16000, 16, format tag 0x0055 with 16 bits"
  })
  void refusesFormats(int tag, int channels, int rate, int bits, String message) {
    byte[] format = fmt(tag, channels, rate, bits);
    assertRefused(wav(chunk("fmt ", format), chunk("data", buffer(64))), message);
  }

  @Test
  void refusesAWrongFrameSize() {
    byte[] format = fmt(PCM, 2, 16_000, 16);
    format[12] = 5;
    assertRefused(
        wav(chunk("fmt ", format), chunk("data", buffer(64))),
        "says 5 bytes per frame, but 2 channels of PCM_S16 take 4");
  }

  @Test
  void leavesTheStreamOpen() throws IOException {
    byte[] file =
        wav(chunk("fmt ", fmt(PCM, 1, 8000, 16)), chunk("data", buffer(2).putShort((short) 1)));
    try (CountingStream stream = new CountingStream(file)) {
      new AudioReader().read(stream, "stream");
      assertEquals(0, stream.closed);
    }
  }

  private static final class CountingStream extends ByteArrayInputStream {
    private int closed;

    CountingStream(byte[] bytes) {
      super(bytes);
    }

    /** One byte at a time, as slow networks deliver. */
    @Override
    public int read(byte[] target, int from, int length) {
      return super.read(target, from, Math.min(length, 1));
    }

    @Override
    public void close() throws IOException {
      closed++;
      super.close();
    }
  }

  private static boolean has(DecodedAudio decoded, Kind kind) {
    return decoded.warnings().stream().anyMatch(w -> w.kind() == kind);
  }

  /** Once into place and once as the result. */
  @Test
  void samplesAreCopiedTwiceAtMost() throws IOException {
    byte[] file = wav(chunk("fmt ", fmt(PCM, 1, 16_000, 16)), chunk("data", buffer(1_000_000)));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    var unused = read(file);
    long before = threads.getCurrentThreadAllocatedBytes();
    assertEquals(500_000, read(file).audio().length());
    assertTrue(threads.getCurrentThreadAllocatedBytes() - before < 2_100_000);
  }

  private static float[] samples(int bits, ByteBuffer data) throws IOException {
    byte[] file = wav(chunk("fmt ", fmt(PCM, 1, 16_000, bits)), chunk("data", data));
    return read(file).audio().samples();
  }

  private static DecodedAudio read(byte[] file) throws IOException {
    InputStream stream = new ByteArrayInputStream(file);
    return new AudioReader().read(stream, "test");
  }

  private static void assertRefused(byte[] file, String message) {
    AudioException e = assertThrows(AudioException.class, () -> read(file));
    assertTrue(e.getMessage().startsWith("test: "), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] fmt(int tag, int channels, int rate, int bits) {
    int frame = channels * bits / 8;
    return buffer(16)
        .putShort((short) tag)
        .putShort((short) channels)
        .putInt(rate)
        .putInt(rate * frame)
        .putShort((short) frame)
        .putShort((short) bits)
        .array();
  }

  private static byte[] chunk(String id, ByteBuffer content) {
    byte[] bytes = new byte[content.capacity()];
    content.duplicate().clear().get(bytes);
    return chunk(id, bytes);
  }

  private static byte[] chunk(String id, byte[] content) {
    return buffer(8 + content.length + content.length % 2)
        .put(id.getBytes(StandardCharsets.US_ASCII))
        .putInt(content.length)
        .put(content)
        .array();
  }

  private static byte[] wav(byte[]... chunks) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] chunk : chunks) {
      body.writeBytes(chunk);
    }
    return buffer(12 + body.size())
        .put("RIFF".getBytes(StandardCharsets.US_ASCII))
        .putInt(4 + body.size())
        .put("WAVE".getBytes(StandardCharsets.US_ASCII))
        .put(body.toByteArray())
        .array();
  }
}
