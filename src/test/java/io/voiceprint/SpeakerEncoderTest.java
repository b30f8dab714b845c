package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.EmbeddingResult.Failure;
import io.voiceprint.audio.AudioWarning;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.Resampler;
import io.voiceprint.batch.ArithmeticEngine;
import io.voiceprint.batch.Gate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the encoder does around an engine. */
@Timeout(120)
class SpeakerEncoderTest extends SpeakerEncoderScene {
  @Test
  void limitsAreThoseOfFrontEndAndNetwork() {
    try (SpeakerEncoder encoder = encoder(new ArithmeticEngine())) {
      int longest = 400 + (ArithmeticEngine.MAX_FRAMES - 1) * 160 + 159;
      assertEquals(
          new EncoderLimits(RATE, 8_000, 192_000, 1680, longest, 4, 4, OPTIONS.queueUtterances()),
          encoder.limits());
      assertEquals(0.105, encoder.limits().minSeconds(), 1e-12);
      assertEquals(longest / 16_000.0, encoder.limits().maxSeconds(), 1e-12);
      assertComputed(audio(0.1f, 1680), encoder.embed(audio(0.1f, 1680)));
      assertComputed(audio(0.1f, longest), encoder.embed(audio(0.1f, longest)));
      assertEquals("arithmetic", encoder.device());
      assertEquals("arithmetic", encoder.modelInfo().architecture());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 16000, 'audio: too short: 0 samples at 16000 Hz, but the network needs at least 1680 samples at 16000 Hz (0.105 s)'",
    "1679, 16000, 'audio: too short: 1679 samples at 16000 Hz, but the network needs at least 1680 samples at 16000 Hz (0.105 s)'",
    "839, 8000, 'audio: too short: 839 samples at 8000 Hz, which are 1678 at 16000 Hz, but the network needs at least 1680 samples at 16000 Hz (0.105 s)'",
    "160400, 16000, 'audio: too long: 160400 samples at 16000 Hz, but this device holds at most 160399 samples at 16000 Hz (10.0 s); split it'",
    "16000, 7999, 'audio: sample rate 7999 Hz is not 8000 to 192000 Hz'",
    "16000, 192001, 'audio: sample rate 192001 Hz is not 8000 to 192000 Hz'",
  })
  void refusesWhatHasNoEmbedding(int samples, int rate, String message) {
    try (SpeakerEncoder encoder = encoder(new ArithmeticEngine())) {
      UnusableAudioException refused =
          assertThrows(UnusableAudioException.class, () -> encoder.embed(new float[samples], rate));
      assertEquals(message, refused.getMessage());
      assertEquals(0, encoder.stats().batches());
    }
  }

  @Test
  void aFileMuchTooLongIsRefusedByTheSameLimit(@TempDir Path folder) throws IOException {
    int bytes = 2 * 12 * RATE;
    ByteBuffer wav = ByteBuffer.allocate(44 + bytes).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF____WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(4, 36 + bytes);
    wav.putInt(16).putShort((short) 1).putShort((short) 1).putInt(RATE).putInt(2 * RATE);
    wav.putShort((short) 2).putShort((short) 16);
    wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(bytes);
    Path file = Files.write(folder.resolve("long.wav"), wav.array());
    try (SpeakerEncoder encoder = encoder(new ArithmeticEngine())) {
      UnusableAudioException refused =
          assertThrows(UnusableAudioException.class, () -> encoder.embed(file));
      assertEquals(
          file
              + ": too long: more than 11 s, but this device holds at most 160399 samples at 16000"
              + " Hz (10.0 s); split it",
          refused.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void refusesSamplesThatAreNotFinite(float value) {
    assertRefused(value, "samples must be finite");
  }

  @ParameterizedTest
  @ValueSource(floats = {3e38f, -3e38f, -0x1.000002p31f})
  void refusesSamplesFarBeyondAnyAmplitude(float value) {
    assertRefused(
        value, "samples are amplitudes, nominally from -1 to 1, and must not be beyond 2^31");
  }

  private static void assertRefused(float value, String why) {
    try (SpeakerEncoder encoder = encoder(new ArithmeticEngine())) {
      PcmAudio audio = audio(0.1f, 2000);
      audio.samples()[1234] = value;
      UnusableAudioException refused =
          assertThrows(UnusableAudioException.class, () -> encoder.embed(audio));
      assertEquals("audio: sample 1234 is " + value + "; " + why, refused.getMessage());
      audio.samples()[1234] = 0x1p31f;
      encoder.embed(audio);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8_000, RATE, 44_100})
  void sixteenBitSamplesGiveTheEmbeddingOfFloats(int rate) {
    short[] integers = new short[rate];
    float[] floats = new float[rate];
    for (int i = 0; i < rate; i++) {
      integers[i] = (short) (9000 * Math.sin(i * 440 * 2 * Math.PI / rate));
      floats[i] = integers[i] / 32768f;
    }
    try (SpeakerEncoder encoder = encoder(new ArithmeticEngine())) {
      Embedding expected = encoder.embed(floats, rate);
      PcmAudio audio = new PcmAudio(integers, rate);
      assertEquals(expected, encoder.embed(integers, rate));
      assertEquals(expected, encoder.embedAll(List.of(audio)).get(0).orElseThrow());
      assertEquals(expected, encoder.embedAsync(audio).join());
      assertEquals(List.of(), expected.warnings());
    }
  }

  @Test
  void sixteenBitSamplesAreRefusedAsFloatsAre() {
    try (SpeakerEncoder encoder = encoder(new ArithmeticEngine())) {
      var tooShort =
          assertThrows(UnusableAudioException.class, () -> encoder.embed(new short[1679], RATE));
      assertTrue(
          tooShort.getMessage().startsWith("audio: too short: 1679 samples at 16000 Hz"),
          tooShort.getMessage());
      assertThrows(IllegalArgumentException.class, () -> encoder.embed(new short[2000], 0));
      assertThrows(NullPointerException.class, () -> encoder.embed((short[]) null, RATE));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8_000, 11_025, 44_100, 48_000, 192_000})
  void otherRatesAreResampled(int rate) {
    try (SpeakerEncoder encoder = encoder(new ArithmeticEngine())) {
      PcmAudio audio = audio(0.1f, rate, rate);
      Embedding embedding = encoder.embed(audio.samples(), rate);
      assertArrayEquals(
          ArithmeticEngine.expected(Resampler.of(rate, RATE).resample(audio).samples()),
          embedding.values());
      assertEquals(1, embedding.seconds(), 1e-9);
    }
  }

  @Test
  void whatIsDoubtfulReachesTheCaller() {
    try (SpeakerEncoder encoder = encoder(new ArithmeticEngine())) {
      Embedding silent = encoder.embed(new float[RATE], RATE);
      assertEquals(
          List.of(AudioWarning.Kind.SILENCE),
          silent.warnings().stream().map(AudioWarning::kind).toList());
      assertEquals(List.of(), encoder.embed(audio(0.1f, 2 * RATE)).warnings());
    }
  }

  @Test
  void aListKeepsItsOrderAndFailsOneByOne() {
    ArithmeticEngine engine = new ArithmeticEngine();
    try (SpeakerEncoder encoder = encoder(engine)) {
      List<PcmAudio> utterances = new ArrayList<>();
      for (int i = 0; i < 11; i++) {
        utterances.add(audio(0.01f * i, 1680 + i));
      }
      utterances.set(2, audio(0.1f, 3));
      utterances.set(5, audio(ArithmeticEngine.POISON, 2000));
      utterances.set(7, audio(ArithmeticEngine.OVERFLOW, 2000));
      List<EmbeddingResult> results = encoder.embedAll(utterances);
      assertEquals(11, results.size());
      for (int i = 0; i < 11; i++) {
        if (i != 2 && i != 5 && i != 7) {
          assertComputed(utterances.get(i), results.get(i).orElseThrow());
        }
      }
      assertFailure(
          UnusableAudioException.class, "utterance 2: too short: 3 samples", results.get(2));
      assertFailure(
          UnusableDeviceException.class, "utterance 5: poison in a batch of 1", results.get(5));
      assertFailure(
          VoiceprintException.class, "utterance 7: the network computed NaN at 1", results.get(7));

      EncoderStats stats = encoder.stats();
      assertEquals(9, stats.utterances());
      assertEquals(1, stats.failures());
      assertEquals(0, stats.waiting() + stats.running());
    }
  }

  private static void assertFailure(
      Class<? extends VoiceprintException> type, String message, EmbeddingResult result) {
    VoiceprintException reason = assertInstanceOf(Failure.class, result).reason();
    assertEquals(type, reason.getClass());
    assertTrue(reason.getMessage().startsWith(message), reason.getMessage());
    assertEquals(reason, assertThrows(VoiceprintException.class, result::orElseThrow));
  }

  @Test
  void aListTravelsInWholeBatchesThroughAShortQueue() {
    ArithmeticEngine engine = new ArithmeticEngine();
    try (SpeakerEncoder encoder = encoder(engine, OPTIONS.withQueue(4))) {
      List<PcmAudio> utterances = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        utterances.add(audio(0.01f * i, 1680));
      }
      assertEquals(4, encoder.embedAll(utterances).size());
      assertEquals(List.of(), encoder.embedAll(List.of()));
    }
    assertEquals(List.of(4, 0), engine.batchSizes());
  }

  @Test
  void closingFinishesThenClosesTheEngineThenRefuses() throws Exception {
    Gate gate = new Gate();
    ArithmeticEngine engine = new ArithmeticEngine(1, gate);
    SpeakerEncoder encoder = encoder(engine);
    var running = encoder.embedAsync(audio(0.1f, 2000));
    gate.awaitEntered();
    var waiting = encoder.embedAsync(audio(0.2f, 2000));
    Thread closer = new Thread(encoder::close);
    closer.start();
    Gate.awaitBlocked(closer);
    assertEquals(1, engine.calls().size());
    gate.open();
    closer.join();
    assertComputed(audio(0.1f, 2000), running.get());
    assertComputed(audio(0.2f, 2000), waiting.get());
    assertEquals(List.of(1, 1, 0), engine.batchSizes());

    encoder.close();
    for (Callable<?> call :
        List.<Callable<?>>of(
            () -> encoder.embed(audio(0.1f, 2000)),
            () -> encoder.embed(Path.of("missing.wav")),
            () -> encoder.embedAll(List.of()),
            () -> encoder.embedAsync(audio(0.1f, 3)).isDone(),
            () -> {
              encoder.warmUp();
              return null;
            })) {
      IllegalStateException refused = assertThrows(IllegalStateException.class, call::call);
      assertEquals("the speaker encoder of model.ckpt is closed", refused.getMessage());
    }
    assertEquals(2, encoder.stats().utterances());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anInterruptedCallerGivesUpItsUtterances(boolean list) throws Exception {
    Gate gate = new Gate();
    ArithmeticEngine engine = new ArithmeticEngine(1, gate);
    try (SpeakerEncoder encoder = encoder(engine)) {
      var running = encoder.embedAsync(audio(0.1f, 2000));
      gate.awaitEntered();
      AtomicReference<VoiceprintException> thrown = new AtomicReference<>();
      AtomicReference<Boolean> flag = new AtomicReference<>();
      Thread caller =
          new Thread(
              () -> {
                PcmAudio audio = audio(0.2f, 2000);
                try {
                  var unused =
                      list ? encoder.embedAll(List.of(audio, audio)) : encoder.embed(audio);
                } catch (VoiceprintException e) {
                  thrown.set(e);
                  flag.set(Thread.currentThread().isInterrupted());
                }
              });
      caller.start();
      Gate.awaitBlocked(caller);
      caller.interrupt();
      caller.join();
      assertEquals("interrupted while waiting for an embedding", thrown.get().getMessage());
      assertTrue(flag.get(), "the interrupt flag must stay set");
      gate.open();
      assertComputed(audio(0.1f, 2000), running.get());
    }
    assertEquals(List.of(1, 0), engine.batchSizes());
  }

  @Test
  void warmingUpComputesTheLengthsAskedForWithinTheLimits() {
    ArithmeticEngine engine = new ArithmeticEngine();
    try (SpeakerEncoder encoder = encoder(engine)) {
      encoder.warmUp();
      assertEquals(3, encoder.stats().audioSeconds());
      encoder.warmUp(0, 1, 1e9);
      assertEquals(
          3 + 0.105 + 1 + encoder.limits().maxSeconds(), encoder.stats().audioSeconds(), 1e-9);
      assertEquals(4, encoder.stats().batches());
      assertFalse(encoder.stats().busySeconds() <= 0);
    }
  }

  @Test
  void heapThatIsTooSmallIsSaid() {
    ArithmeticEngine engine =
        new ArithmeticEngine(
            1,
            utterances -> {
              throw new OutOfMemoryError("thrown by this test");
            });
    try (SpeakerEncoder encoder = encoder(engine)) {
      UnusableDeviceException failure =
          assertThrows(UnusableDeviceException.class, () -> encoder.embed(audio(0.1f, 16_000)));
      assertEquals(
          "audio: not enough heap for 1.0 s of audio; raise -Xmx or split it",
          failure.getMessage());
    }
  }
}
