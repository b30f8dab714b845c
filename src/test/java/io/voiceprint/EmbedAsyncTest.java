package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.batch.ArithmeticEngine;
import io.voiceprint.batch.Gate;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Embeddings as futures. */
@Timeout(120)
class EmbedAsyncTest extends SpeakerEncoderScene {
  @Test
  void aFutureHoldsEmbeddingOrReason() throws Exception {
    try (SpeakerEncoder encoder = encoder(new ArithmeticEngine())) {
      assertComputed(audio(0.1f, 2000), encoder.embedAsync(audio(0.1f, 2000)).get());
      assertReason(UnusableAudioException.class, encoder.embedAsync(audio(0.1f, 3)));
      assertReason(
          UnusableDeviceException.class, encoder.embedAsync(audio(ArithmeticEngine.POISON, 2000)));
      assertReason(
          VoiceprintException.class, encoder.embedAsync(audio(ArithmeticEngine.OVERFLOW, 2000)));
    }
  }

  private static void assertReason(
      Class<? extends VoiceprintException> type, CompletableFuture<Embedding> future) {
    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> future.get(60, TimeUnit.SECONDS));
    assertEquals(type, failure.getCause().getClass());
  }

  @Test
  void stagesBehindAFutureMayWaitForTheEncoder() throws Exception {
    try (SpeakerEncoder encoder = encoder(new ArithmeticEngine())) {
      Embedding second =
          encoder
              .embedAsync(audio(0.1f, 2000))
              .thenApply(first -> encoder.embed(audio(0.2f, 2000)))
              .get(60, TimeUnit.SECONDS);
      assertComputed(audio(0.2f, 2000), second);
    }
  }

  @Test
  void aStageThatWaitsDoesNotHoldUpOthers() throws Exception {
    Gate gate = new Gate();
    CountDownLatch latch = new CountDownLatch(1);
    try (SpeakerEncoder encoder = encoder(new ArithmeticEngine(1, gate))) {
      // Behind the gate, so that the stage is there before the embedding and waits where it is.
      var waiting = encoder.embedAsync(audio(0.1f, 2000)).thenAccept(first -> Gate.await(latch));
      gate.open();
      Embedding second = encoder.embedAsync(audio(0.2f, 2000)).get(60, TimeUnit.SECONDS);
      assertComputed(audio(0.2f, 2000), second);
      assertFalse(waiting.isDone());
      latch.countDown();
      waiting.get(60, TimeUnit.SECONDS);
    }
  }

  /** With two processors the default of {@link CompletableFuture} is one for each. */
  @Test
  void aFutureHasNoThreadOfItsOwn() throws Exception {
    int count = 50;
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    try (SpeakerEncoder encoder = encoder(new ArithmeticEngine())) {
      long before = threads.getTotalStartedThreadCount();
      for (int i = 0; i < count; i++) {
        var unused = encoder.embedAsync(audio(0.1f, 2000)).get(60, TimeUnit.SECONDS);
      }
      long started = threads.getTotalStartedThreadCount() - before;
      assertTrue(started < count / 2, "%d threads started".formatted(started));
    }
  }

  @Test
  void aCancelledFutureIsNotComputed() throws Exception {
    Gate gate = new Gate();
    ArithmeticEngine engine = new ArithmeticEngine(1, gate);
    try (SpeakerEncoder encoder = encoder(engine)) {
      var first = encoder.embedAsync(audio(0.1f, 2000));
      gate.awaitEntered();
      var cancelled = encoder.embedAsync(audio(0.2f, 2000));
      var kept = encoder.embedAsync(audio(0.3f, 2000));
      assertTrue(cancelled.cancel(false));
      gate.open();
      assertComputed(audio(0.1f, 2000), first.get());
      assertComputed(audio(0.3f, 2000), kept.get());
      assertThrows(CancellationException.class, cancelled::join);
      assertEquals(1, encoder.stats().cancelled());
    }
    assertEquals(List.of(List.of(0.1f), List.of(0.3f), List.of()), engine.calls());
  }
}
