package io.voiceprint.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.AudioWarning.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One signal in every encoding, made by other programs. */
class EncodingsTest {

  @ParameterizedTest
  @CsvSource({
    "pcm_s24, PCM_S24, 0",
    "pcm_s32, PCM_S32, 0",
    "float32, FLOAT32, 0",
    "float64, FLOAT64, 0",
    "pcm_u8, PCM_U8, 0.0079",
    "ulaw, ULAW, 0.016",
    "alaw, ALAW, 0.016"
  })
  void wavEncodings(String name, String encoding, float tolerance) throws IOException {
    DecodedAudio decoded = Fixtures.read("16k_" + name + ".wav");
    float[] original = Arrays.copyOf(Fixtures.samples("16k.wav"), 1600);
    assertEquals(encoding, decoded.encoding());
    assertArrayEquals(original, decoded.audio().samples(), tolerance);
  }

  /** Of 24 bits the fixture uses 16. MP3 and Vorbis are decoded to finer samples. */
  @ParameterizedTest
  @CsvSource({
    "16k.wav, true",
    "44k1.wav, true",
    "16k_pcm_u8.wav, true",
    "16k_ulaw.wav, true",
    "16k_alaw.wav, true",
    "16k.flac, true",
    "44k1.flac, true",
    "silence.flac, true",
    "16k_s24.flac, true",
    "16k.mp3, false",
    "16k.ogg, false"
  })
  void sixteenBitsSufficeForMostFiles(String file, boolean suffice) throws IOException {
    assertEquals(suffice, Fixtures.read(file).audio().array() instanceof SampleArray.Int16);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pcm_u8", "ulaw", "alaw"})
  void lossyWavEncodingsDecodeAsSoxDoes(String name) throws IOException {
    assertArrayEquals(
        Fixtures.samples("16k_" + name + ".decoded.wav"), Fixtures.samples("16k_" + name + ".wav"));
  }

  @ParameterizedTest
  @CsvSource({"16k, 16k", "8k, 8k", "44k1, 44k1", "16k_s24, 16k_pcm_s24"})
  void flacIsLossless(String flac, String wav) throws IOException {
    for (ChannelChoice choice : ChannelChoice.values()) {
      AudioReader reader = new AudioReader(choice, Duration.ofMinutes(1));
      DecodedAudio expected =
          reader.read(new ByteArrayInputStream(Fixtures.bytes(wav + ".wav")), wav);
      DecodedAudio actual =
          reader.read(new ByteArrayInputStream(Fixtures.bytes(flac + ".flac")), flac);
      assertEquals("FLAC", actual.encoding());
      assertEquals(expected.sourceSampleRate(), actual.sourceSampleRate());
      assertEquals(expected.channels(), actual.channels());
      assertArrayEquals(expected.audio().samples(), actual.audio().samples());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "16k.mp3, 16k, MP3",
    "16k_crc.mp3, 16k, MP3",
    "16k_id3.mp3, 16k, MP3",
    "8k.mp3, 8k, MP3",
    "44k1.mp3, 44k1, MP3",
    "44k1_vbr.mp3, 44k1, MP3",
    "16k.ogg, 16k, VORBIS",
    "8k.ogg, 8k, VORBIS",
    "44k1.ogg, 44k1, VORBIS"
  })
  void lossyCodecsAreCloseAndAligned(String file, String wav, String encoding) throws IOException {
    DecodedAudio original = Fixtures.read(wav + ".wav");
    DecodedAudio decoded = Fixtures.read(file);
    assertEquals(encoding, decoded.encoding());
    assertEquals(original.sourceSampleRate(), decoded.sourceSampleRate());
    assertEquals(original.channels(), decoded.channels());
    float[] expected = original.audio().samples();
    float[] actual = decoded.audio().samples();
    assertEquals(expected.length, actual.length, decoded.toString());
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < expected.length; i++) {
      signal += expected[i] * expected[i];
      noise += (expected[i] - actual[i]) * (expected[i] - actual[i]);
    }
    double ratio = 10 * Math.log10(signal / noise);
    assertTrue(ratio > 25, file + ": " + ratio + " dB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"8000.mp3", "16000.mp3", "8000.ogg", "16000.ogg"})
  void transientsDecodeAsElsewhere(String name) throws IOException {
    float[] expected = Fixtures.samples("bursts_" + name + ".wav");
    float[] actual = Fixtures.samples("bursts_" + name);
    assertTrue(Math.abs(expected.length - actual.length) <= 1152, name + ": " + actual.length);
    int length = Math.min(expected.length, actual.length);
    // The reference has 16 bits, and so has what MP3 frames are decoded to.
    assertArrayEquals(
        Arrays.copyOf(expected, length), Arrays.copyOf(actual, length), 2.5f / 32768, name);
  }

  @Test
  void digitalSilenceWarns() throws IOException {
    DecodedAudio decoded = Fixtures.read("silence.flac");
    assertArrayEquals(new float[3200], decoded.audio().samples());
    assertEquals(Kind.SILENCE, decoded.warnings().get(0).kind());
  }

  @Test
  void mixIsTheMeanOfBothChannels() throws IOException {
    byte[] bytes = Fixtures.bytes("44k1.wav");
    float[] first = Fixtures.samples("44k1.wav");
    AudioReader mixing = new AudioReader(ChannelChoice.MIX, Duration.ofMinutes(1));
    float[] mix = mixing.read(new ByteArrayInputStream(bytes), "mix").audio().samples();
    for (int i = 0; i < mix.length; i++) {
      int at = 44 + 4 * i;
      float right = (short) ((bytes[at + 3] << 8) | (bytes[at + 2] & 0xff)) / 32768f;
      assertEquals((first[i] + right) / 2, mix[i], 1e-7f);
    }
  }

  @Test
  void otherCodecsInOggAreNamed() {
    AudioException e = assertThrows(AudioException.class, () -> Fixtures.read("opus.ogg"));
    assertEquals("opus.ogg: Ogg file holds 'OpusHead', not Vorbis; convert it", e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"16k.wav", "16k.flac", "16k.mp3", "16k.ogg"})
  void cutFilesAreReadAsFarAsTheyGo(String name) throws IOException {
    byte[] whole = Fixtures.bytes(name);
    float[] expected = Fixtures.samples(name);
    DecodedAudio decoded = Fixtures.read(Arrays.copyOf(whole, whole.length * 9 / 10), name);
    float[] actual = decoded.audio().samples();
    assertTrue(
        decoded.warnings().stream().anyMatch(w -> w.kind() == Kind.TRUNCATED),
        name + ": " + decoded.warnings());
    assertTrue(actual.length < expected.length, name + ": " + actual.length);
    assertArrayEquals(Arrays.copyOf(expected, actual.length), actual);
  }

  @Test
  void anMp3CutAtItsBeginningStartsWithSilenceAndGoesOn() throws IOException {
    byte[] whole = Fixtures.bytes("44k1.mp3");
    float[] expected = Fixtures.samples("44k1.mp3");
    int start = MpegHeader.parse(whole, 0).bytes();
    for (int cut = 0; cut < 3; cut++) {
      start += MpegHeader.parse(whole, start).bytes();
    }
    byte[] tail = Arrays.copyOfRange(whole, start, whole.length);
    float[] actual = Fixtures.read(tail, "tail.mp3").audio().samples();
    assertTrue(actual.length >= 1152);
    int offset = 3 * 1152 - 1105;
    int late = Math.min(actual.length, expected.length - offset) - 1152;
    for (int i = late; i < late + 1000; i++) {
      assertEquals(expected[offset + i], actual[i], 1e-3f, "sample " + i);
    }
  }

  @Test
  void framesThatTheDecoderMayMisreadAreReported() throws IOException {
    assertEquals(
        new AudioWarning(Kind.DAMAGED, "up to 1 of 44 frames are distorted by the MP3 decoder"),
        Fixtures.read("pink_24000.mp3").warnings().get(0));
  }

  @Test
  void bytesBetweenMp3FramesAreSkippedAndReported() throws IOException {
    byte[] whole = Fixtures.bytes("44k1.mp3");
    int at = MpegHeader.parse(whole, 0).bytes();
    at += MpegHeader.parse(whole, at).bytes();
    byte[] damaged = new byte[whole.length + 100];
    System.arraycopy(whole, 0, damaged, 0, at);
    System.arraycopy(whole, at, damaged, at + 100, whole.length - at);
    DecodedAudio decoded = Fixtures.read(damaged, "damaged.mp3");
    assertArrayEquals(Fixtures.samples("44k1.mp3"), decoded.audio().samples());
    assertEquals(
        new AudioWarning(Kind.DAMAGED, "100 bytes between the frames are no audio"),
        decoded.warnings().get(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"16k.wav", "16k.flac", "16k.mp3", "16k.ogg"})
  void longerThanAllowedIsRefused(String name) {
    AudioReader reader = new AudioReader(ChannelChoice.FIRST, Duration.ofMillis(100));
    AudioException e =
        assertThrows(
            AudioException.class,
            () -> reader.read(new ByteArrayInputStream(Fixtures.bytes(name)), name));
    assertTrue(e.getMessage().contains("longer than 1600 samples"), e.getMessage());
  }
}
