package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.AudioWarning;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.batch.ArithmeticEngine;
import io.voiceprint.batch.Gate;
import io.voiceprint.batch.ManualTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server hands in, which never waits. */
@Timeout(120)
class SubmitTest {
  private static final SubmitOptions USUAL = SubmitOptions.DEFAULTS;

  private final ManualTime time = new ManualTime();
  private final Gate gate = new Gate();
  private final ArithmeticEngine engine = new ArithmeticEngine(1, gate);

  private SpeakerEncoder encoder(ArithmeticEngine... engines) {
    ModelInfo model =
        new ModelInfo(Path.of("model.ckpt"), "arithmetic", 0, 4, OptionalDouble.empty());
    EncoderOptions options = EncoderOptions.DEFAULTS.withBatch(1, 60).withQueue(2);
    return new SpeakerEncoder(List.of(engines), model, options, time);
  }

  private static Utterance utterance(float first, int samples) {
    float[] values = new float[samples];
    for (int i = 0; i < samples; i++) {
      values[i] = (float) (0.3 * Math.sin(i * 440 * 2 * Math.PI / 16_000));
    }
    values[0] = first;
    return Utterance.of("clip " + first, new PcmAudio(values, 16_000));
  }

  private static void assertComputed(Utterance utterance, CompletableFuture<Embedding> future)
      throws Exception {
    assertArrayEquals(
        ArithmeticEngine.expected(utterance.audio().samples()),
        future.get(60, TimeUnit.SECONDS).values());
  }

  private static VoiceprintException reason(CompletableFuture<Embedding> future) {
    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> future.get(60, TimeUnit.SECONDS));
    return assertInstanceOf(VoiceprintException.class, failure.getCause());
  }

  @Test
  void oneThatIsUnusableFailsAloneAndTheOthersKeepTheirOrder() throws Exception {
    gate.open();
    try (SpeakerEncoder encoder = encoder(engine)) {
      List<Utterance> utterances =
          List.of(utterance(0.1f, 2_000), utterance(0.2f, 3), utterance(0.3f, 2_100));
      assertThrows(IllegalArgumentException.class, () -> encoder.submit(utterances, USUAL));
      var futures = encoder.submit(utterances.subList(0, 2), USUAL);
      assertComputed(utterances.get(0), futures.get(0));
      VoiceprintException reason = reason(futures.get(1));
      assertEquals(UnusableAudioException.class, reason.getClass());
      assertTrue(reason.getMessage().startsWith("clip 0.2: too short"), reason.getMessage());
      assertComputed(utterances.get(2), encoder.submit(utterances.get(2), USUAL));
    }
  }

  @Test
  void anOverloadedEncoderRefusesAtOnceAndSaysWhenToComeBack() throws Exception {
    try (SpeakerEncoder encoder = encoder(engine)) {
      var running = encoder.submit(utterance(0.1f, 2_000), USUAL);
      gate.awaitEntered();
      var waiting = encoder.submit(List.of(utterance(0.2f, 2_000), utterance(0.3f, 2_000)), USUAL);
      OverloadedException refused =
          assertThrows(
              OverloadedException.class, () -> encoder.submit(utterance(0.4f, 2_000), USUAL));
      assertEquals(
          "overloaded: 2 utterances wait, 2 may; try again in 1.0 s", refused.getMessage());
      assertEquals(Duration.ofSeconds(1), refused.retryAfter());
      assertThrows(OverloadedException.class, () -> encoder.requireRoom(1));
      assertEquals(2, encoder.stats().rejected());
      assertTrue(waiting.get(0).cancel(false));
      encoder.requireRoom(1);
      gate.open();
      assertComputed(utterance(0.1f, 2_000), running);
      assertComputed(utterance(0.3f, 2_000), waiting.get(1));
      assertEquals(1, encoder.stats().cancelled());
    }
  }

  @Test
  void aTimeoutFailsInTime() throws Exception {
    try (SpeakerEncoder encoder = encoder(engine)) {
      SubmitOptions second = USUAL.withTimeout(Duration.ofSeconds(1));
      var running = encoder.submit(utterance(0.1f, 2_000), USUAL);
      gate.awaitEntered();
      var expiring = encoder.submit(utterance(0.2f, 2_000), second);
      var endless =
          encoder.submit(
              utterance(0.3f, 2_000), USUAL.withTimeout(Duration.ofSeconds(Long.MAX_VALUE)));
      time.advance(TimeUnit.SECONDS.toNanos(1));
      VoiceprintException reason = reason(expiring);
      assertEquals(DeadlineExceededException.class, reason.getClass());
      assertEquals("clip 0.2: no embedding within the time that was given", reason.getMessage());
      gate.open();
      assertComputed(utterance(0.1f, 2_000), running);
      assertComputed(utterance(0.3f, 2_000), endless);
      assertEquals(1, encoder.stats().expired());
      assertEquals(2, encoder.stats().utterances());
    }
  }

  @Test
  void whoIsInAHurryGoesFirst() throws Exception {
    try (SpeakerEncoder encoder = encoder(engine)) {
      var running = encoder.submit(utterance(0.1f, 2_000), USUAL);
      gate.awaitEntered();
      var low = encoder.submit(utterance(0.2f, 2_000), USUAL.withPriority(Priority.LOW));
      var high = encoder.submit(utterance(0.3f, 2_000), USUAL.withPriority(Priority.HIGH));
      gate.open();
      assertComputed(utterance(0.1f, 2_000), running);
      assertComputed(utterance(0.2f, 2_000), low);
      assertComputed(utterance(0.3f, 2_000), high);
    }
    assertEquals(List.of(List.of(0.1f), List.of(0.3f), List.of(0.2f), List.of()), engine.calls());
  }

  @Test
  void encodedAudioIsDecodedWithinTheLimits() throws Exception {
    gate.open();
    try (SpeakerEncoder encoder = encoder(engine);
        InputStream file = SubmitTest.class.getResourceAsStream("/audio/16k.flac")) {
      Utterance decoded = encoder.decode("upload 1", file);
      assertEquals("upload 1", decoded.name());
      assertComputed(decoded, encoder.submit(decoded, USUAL));

      UnusableAudioException garbage =
          assertThrows(
              UnusableAudioException.class,
              () -> encoder.decode("upload 2", new ByteArrayInputStream(new byte[100])));
      assertTrue(garbage.getMessage().startsWith("upload 2: "), garbage.getMessage());
      UnusableAudioException broken =
          assertThrows(
              UnusableAudioException.class,
              () -> encoder.decode("upload 3", InputStream.nullInputStream()));
      assertTrue(broken.getMessage().startsWith("upload 3: "), broken.getMessage());
    }
  }

  @Test
  void aStreamThatFailsIsSaidToBeUnreadable() {
    gate.open();
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("connection reset");
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            return read();
          }
        };
    try (SpeakerEncoder encoder = encoder(engine)) {
      UnusableAudioException refused =
          assertThrows(UnusableAudioException.class, () -> encoder.decode("upload", failing));
      assertEquals(
          "upload: cannot be read: java.io.IOException: connection reset", refused.getMessage());
    }
  }

  @Test
  void warningsOfTheAudioReachTheEmbedding() throws Exception {
    gate.open();
    try (SpeakerEncoder encoder = encoder(engine)) {
      Utterance silent = Utterance.of("silence", new PcmAudio(new float[16_000], 16_000));
      Embedding embedding = encoder.submit(silent, USUAL).get(60, TimeUnit.SECONDS);
      assertEquals(
          List.of(AudioWarning.Kind.SILENCE),
          embedding.warnings().stream().map(AudioWarning::kind).toList());
    }
  }

  @Test
  void severalEnginesServeOneQueueAndAreAllClosed() throws Exception {
    Gate otherGate = new Gate();
    ArithmeticEngine other = new ArithmeticEngine(1, otherGate);
    try (SpeakerEncoder encoder = encoder(engine, other)) {
      var both = encoder.submit(List.of(utterance(0.1f, 2_000), utterance(0.2f, 2_000)), USUAL);
      gate.awaitEntered();
      otherGate.awaitEntered();
      assertEquals(2, encoder.stats().running());
      gate.open();
      otherGate.open();
      assertComputed(utterance(0.1f, 2_000), both.get(0));
      assertComputed(utterance(0.2f, 2_000), both.get(1));
      assertEquals("arithmetic; arithmetic", encoder.device());
    }
    assertEquals(List.of(1, 0), engine.batchSizes());
    assertEquals(List.of(1, 0), other.batchSizes());
  }

  @Test
  void aClosedEncoderRefuses() {
    gate.open();
    SpeakerEncoder encoder = encoder(engine);
    encoder.close();
    assertThrows(IllegalStateException.class, () -> encoder.submit(utterance(0.1f, 2_000), USUAL));
    assertThrows(IllegalStateException.class, () -> encoder.requireRoom(1));
    assertThrows(
        IllegalStateException.class, () -> encoder.decode("x", InputStream.nullInputStream()));
  }

  @Test
  void aNegativeTimeoutIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> USUAL.withTimeout(Duration.ofNanos(-1)));
    assertEquals(0, USUAL.withTimeout(Duration.ZERO).timeout().orElseThrow().toNanos());
  }

  @Test
  void paddingIsTheShareOfColumnsThatAreNoAudio() throws Exception {
    gate.open();
    try (SpeakerEncoder encoder = encoder(engine)) {
      assertEquals(0, encoder.stats().paddingShare());
      assertComputed(utterance(0.1f, 2_000), encoder.submit(utterance(0.1f, 2_000), USUAL));
      EncoderStats stats = encoder.stats();
      assertEquals(11, stats.audioColumns());
      assertEquals(1 - 11.0 / stats.computedColumns(), stats.paddingShare());
    }
  }
}
