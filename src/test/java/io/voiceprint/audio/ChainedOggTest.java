package io.voiceprint.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.AudioWarning.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ogg files of several streams, one after the other (chained) or at the same time (multiplexed).
 */
class ChainedOggTest {
  private static final byte[] FIRST = Fixtures.bytes("16k.ogg");
  private static final byte[] SECOND = Fixtures.bytes("bursts_16000.ogg");

  private static boolean isTruncated(DecodedAudio decoded) {
    return decoded.warnings().stream().anyMatch(warning -> warning.kind() == Kind.TRUNCATED);
  }

  private static float[] samples(byte[] file) throws IOException {
    return Fixtures.read(file, "alone.ogg").audio().samples();
  }

  private static float[] inARow(float[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    float[] all = new float[length];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  /** Also where the numbers of the streams are the same, as when files are only put together. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void streamsOfAChainAreReadAsOne(int serial) throws IOException {
    List<byte[]> pages = new ArrayList<>(OggFile.pages(FIRST, 1));
    pages.addAll(OggFile.pages(SECOND, serial));
    pages.addAll(OggFile.pages(FIRST, 3));
    DecodedAudio decoded = Fixtures.read(OggFile.join(pages), "chain.ogg");
    assertArrayEquals(
        inARow(samples(FIRST), samples(SECOND), samples(FIRST)), decoded.audio().samples());
    assertEquals(3 * 8_000, decoded.audio().samples().length);
    assertFalse(isTruncated(decoded), decoded.warnings()::toString);
  }

  @ParameterizedTest
  @CsvSource({"FIRST", "MIX"})
  void channelsOfAChainAreChosenOrMixed(ChannelChoice choice) throws IOException {
    byte[] stereo = Fixtures.bytes("44k1.ogg");
    AudioReader reader = new AudioReader(choice, Duration.ofMinutes(1));
    float[] alone = reader.read(new ByteArrayInputStream(stereo), "a").audio().samples();
    byte[] chain = OggFile.join(List.of(stereo, stereo));
    DecodedAudio decoded = reader.read(new ByteArrayInputStream(chain), "chain.ogg");
    assertEquals(2, decoded.channels());
    assertArrayEquals(inARow(alone, alone), decoded.audio().samples());
  }

  @Test
  void aStreamWithoutEndIsReportedAndTheNextIsRead() throws IOException {
    List<byte[]> pages = new ArrayList<>(OggFile.pages(FIRST, 1));
    pages.set(pages.size() - 1, OggFile.withoutEnd(pages.get(pages.size() - 1)));
    pages.addAll(OggFile.pages(SECOND, 2));
    DecodedAudio decoded = Fixtures.read(OggFile.join(pages), "chain.ogg");
    assertArrayEquals(inARow(samples(FIRST), samples(SECOND)), decoded.audio().samples());
    assertTrue(isTruncated(decoded), decoded.warnings()::toString);
  }

  /** Within the first page of the second stream, and within its page of sound. */
  @ParameterizedTest
  @ValueSource(ints = {20, 5_000})
  void aChainThatIsCutOffIsReadAsFarAsItGoes(int ofTheSecond) throws IOException {
    byte[] chain = OggFile.join(List.of(FIRST, SECOND));
    byte[] cut = Arrays.copyOf(chain, FIRST.length + ofTheSecond);
    DecodedAudio decoded = Fixtures.read(cut, "chain.ogg");
    assertArrayEquals(samples(FIRST), decoded.audio().samples());
    assertTrue(isTruncated(decoded), decoded.warnings()::toString);
  }

  @Test
  void aChainThatIsCutOffWithinItsHeadersIsRefused() {
    byte[] chain = OggFile.join(List.of(FIRST, Arrays.copyOf(SECOND, 100)));
    AudioException refused =
        assertThrows(AudioException.class, () -> Fixtures.read(chain, "chain.ogg"));
    assertEquals(
        "chain.ogg: Ogg file ends before its comment header; it is cut off", refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "8k.ogg   | stream 2 of this chained Ogg file has 8000 Hz and 1 channels, the first 16000"
            + " Hz and 1; convert it, or split it",
        "opus.ogg | Ogg file holds 'OpusHead', not Vorbis; convert it",
      })
  void streamsThatDoNotGoTogetherAreRefused(String second, String reason) {
    byte[] chain = OggFile.join(List.of(FIRST, Fixtures.bytes(second)));
    AudioException refused =
        assertThrows(AudioException.class, () -> Fixtures.read(chain, "chain.ogg"));
    assertEquals("chain.ogg: " + reason, refused.getMessage());
  }

  @Test
  void allStreamsCountForTheLongestAudio() {
    AudioReader reader = new AudioReader(ChannelChoice.FIRST, Duration.ofMillis(1500));
    byte[] chain = OggFile.join(List.of(FIRST, FIRST, FIRST, FIRST, FIRST, FIRST, FIRST, FIRST));
    assertDoesNotThrow(() -> reader.read(new ByteArrayInputStream(FIRST), "one.ogg"));
    assertThrows(
        TooLongException.class, () -> reader.read(new ByteArrayInputStream(chain), "chain.ogg"));
  }

  @Test
  void whatIsNoOggBehindTheLastStreamIsLeftAlone() throws IOException {
    byte[] tag = Arrays.copyOf("TAG".getBytes(StandardCharsets.US_ASCII), 128);
    DecodedAudio decoded = Fixtures.read(OggFile.join(List.of(FIRST, tag)), "tagged.ogg");
    assertArrayEquals(samples(FIRST), decoded.audio().samples());
    assertFalse(isTruncated(decoded), decoded.warnings()::toString);
  }

  /** All begin before any goes on; the first is read. */
  @Test
  void aMultiplexedStreamIsSkippedAndNoChain() throws IOException {
    List<byte[]> own = OggFile.pages(FIRST, 1);
    List<byte[]> other = OggFile.pages(SECOND, 2);
    List<byte[]> pages = new ArrayList<>(List.of(own.get(0), other.get(0)));
    pages.addAll(own.subList(1, own.size()));
    pages.addAll(other.subList(1, other.size()));
    DecodedAudio decoded = Fixtures.read(OggFile.join(pages), "multiplexed.ogg");
    assertArrayEquals(samples(FIRST), decoded.audio().samples());
    assertFalse(isTruncated(decoded), decoded.warnings()::toString);
  }

  /** Each within its own bound, from a few bytes. */
  @Test
  void manyStreamsMayNotAskForTooLargeCodebooksTogether() throws IOException {
    byte[] noInput = {};
    VorbisSetup setups =
        new VorbisSetup(new ByteInput(new ByteArrayInputStream(noInput), "chain.ogg"));
    int entries = 1 << 19;
    // One codebook of one dimension, its lengths in order, in a single run.
    byte[] header = new byte[40];
    ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    fields.position(7).put((byte) 0).put("BCV".getBytes(StandardCharsets.US_ASCII));
    fields.putShort((short) 1).put((byte) entries).put((byte) (entries >> 8));
    // "Ordered", five bits of the first length, then how many have it: all of them.
    fields.put((byte) (entries >> 16)).putInt(1 | entries << 6);
    for (int stream = 0; stream < 64; stream++) {
      setups.check(header);
    }
    AudioException refused = assertThrows(AudioException.class, () -> setups.check(header));
    assertTrue(refused.getMessage().contains("too many chained Ogg streams"), refused::getMessage);
  }
}
