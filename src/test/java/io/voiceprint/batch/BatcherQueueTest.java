package io.voiceprint.batch;

import static io.voiceprint.batch.ArithmeticEngine.POISON;
import static io.voiceprint.batch.ArithmeticEngine.audio;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Utterances that wait: for room, until they are cancelled, and while the batcher closes. */
class BatcherQueueTest extends BatcherScene {
  @Test
  void cancelledUtterancesAreNotComputed() throws Exception {
    Gate gate = new Gate();
    ArithmeticEngine engine = engine(1, gate);
    try (Batcher batcher = batcher(engine, LIMITS)) {
      var running = submit(batcher, utterance(1, 5));
      gate.awaitEntered();
      var cancelled = submit(batcher, utterance(2, 5));
      var kept = submit(batcher, utterance(3, 5));
      assertTrue(cancelled.cancel(false));
      assertTrue(running.cancel(false));
      gate.open();
      assertComputed(utterance(3, 5), kept);
      assertEquals(1, batcher.stats().cancelled());
    }
    assertEquals(List.of(List.of(1f), List.of(3f)), engine.calls());
  }

  @Test
  void cancelledUtterancesAreNotTriedAloneAfterAFailure() throws Exception {
    List<CompletableFuture<float[]>> embeddings = new ArrayList<>();
    Gate gate = new Gate();
    Consumer<List<float[]>> cancelling =
        utterances -> {
          gate.accept(utterances);
          if (utterances.size() > 1) {
            embeddings.get(1).cancel(false);
          }
        };
    ArithmeticEngine engine = engine(1, cancelling);
    try (Batcher batcher = batcher(engine, LIMITS)) {
      var unused = submit(batcher, utterance(9, 5));
      gate.awaitEntered();
      embeddings.addAll(
          batcher.submit(audio(utterance(POISON, 5), utterance(2, 5), utterance(3, 5))));
      gate.open();
      assertComputed(utterance(3, 5), embeddings.get(2));
      assertTrue(embeddings.get(0).isCompletedExceptionally());
      assertEquals(1, batcher.stats().cancelled());
    }
    assertEquals(List.of(1, 3, 1, 1), engine.batchSizes());
  }

  @Test
  void closingFinishesWhatWasAcceptedAndRefusesWhatComes() throws Exception {
    Gate gate = new Gate();
    Batcher batcher = batcher(engine(1, gate), LIMITS);
    var running = submit(batcher, utterance(1, 5));
    gate.awaitEntered();
    var waiting = submit(batcher, utterance(2, 5));
    Thread closer = new Thread(batcher::close);
    closer.start();
    Gate.awaitBlocked(closer);
    assertTrue(batcher.isClosed());
    assertThrows(IllegalStateException.class, () -> submit(batcher, utterance(3, 5)));
    gate.open();
    closer.join();
    assertTrue(running.isDone() && waiting.isDone());
    assertComputed(utterance(1, 5), running);
    assertComputed(utterance(2, 5), waiting);
    batcher.close();
  }

  @Test
  void anInterruptedCloseCancelsWhatWaitsAndFinishesWhatRuns() throws Exception {
    Gate gate = new Gate();
    ArithmeticEngine engine = engine(1, gate);
    Batcher batcher = batcher(engine, LIMITS);
    var running = submit(batcher, utterance(1, 5));
    gate.awaitEntered();
    var waiting = submit(batcher, utterance(2, 5));
    AtomicReference<Boolean> flag = new AtomicReference<>();
    Thread closer =
        new Thread(
            () -> {
              batcher.close();
              flag.set(Thread.currentThread().isInterrupted());
            });
    closer.start();
    Gate.awaitBlocked(closer);
    closer.interrupt();
    assertThrows(CancellationException.class, () -> waiting.get(60, TimeUnit.SECONDS));
    assertTrue(closer.isAlive());
    gate.open();
    closer.join();
    assertTrue(flag.get(), "the interrupt flag must stay set");
    assertComputed(utterance(1, 5), running);
    assertEquals(List.of(1), engine.batchSizes());
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 100})
  void whoeverSubmitsToAFullQueueWaits(int queueUtterances) throws Exception {
    // Three utterances fill the queue, by their number or by their memory.
    long queueBytes = queueUtterances == 3 ? 400_000 : 3 * 10 * Float.BYTES;
    BatchLimits limits = limits(1, 1_000, queueUtterances, queueBytes);
    Gate gate = new Gate();
    AtomicReference<Batcher> self = new AtomicReference<>();
    AtomicInteger most = new AtomicInteger();
    Consumer<List<float[]>> watching =
        utterances -> {
          gate.accept(utterances);
          most.accumulateAndGet(self.get().stats().waiting(), Math::max);
        };
    try (Batcher batcher = batcher(engine(1, watching), limits)) {
      self.set(batcher);
      var unused = submit(batcher, utterance(1, 10));
      gate.awaitEntered();
      List<CompletableFuture<float[]>> embeddings = new ArrayList<>();
      Thread producer =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < 20; i++) {
                    embeddings.add(submit(batcher, utterance(i, 10)));
                  }
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      producer.start();
      Gate.awaitBlocked(producer);
      assertEquals(3, batcher.stats().waiting());
      gate.open();
      producer.join();
      for (int i = 0; i < 20; i++) {
        assertComputed(utterance(i, 10), embeddings.get(i));
      }
    }
    assertTrue(most.get() <= 3, "waiting=" + most.get());
  }

  @Test
  void anUtteranceLargerThanTheQueueIsAcceptedAlone() throws Exception {
    BatchLimits limits = limits(4, 10, 4, 40);
    try (Batcher batcher = batcher(engine(1, utterances -> {}), limits)) {
      assertComputed(utterance(1, 1021), submit(batcher, utterance(1, 1021)));
    }
  }

  /** A submitter that waits, with one utterance of three in the queue already. */
  private static Thread blockedSubmitter(Batcher batcher, AtomicReference<Exception> thrown) {
    Thread submitter =
        new Thread(
            () -> {
              try {
                var unused =
                    batcher.submit(audio(utterance(2, 5), utterance(3, 5), utterance(4, 5)));
              } catch (InterruptedException | RuntimeException e) {
                thrown.set(e);
              }
            });
    submitter.start();
    Gate.awaitBlocked(submitter);
    return submitter;
  }

  @Test
  void closingRefusesWhoeverWaitsForRoom() throws Exception {
    Gate gate = new Gate();
    ArithmeticEngine engine = engine(1, gate);
    Batcher batcher = batcher(engine, limits(4, 1_000, 1, 4_000));
    var running = submit(batcher, utterance(1, 5));
    gate.awaitEntered();
    AtomicReference<Exception> thrown = new AtomicReference<>();
    Thread submitter = blockedSubmitter(batcher, thrown);
    Thread closer = new Thread(batcher::close);
    closer.start();
    submitter.join();
    assertInstanceOf(IllegalStateException.class, thrown.get());
    gate.open();
    closer.join();
    assertComputed(utterance(1, 5), running);
    assertEquals(List.of(1), engine.batchSizes());
  }

  @Test
  void anInterruptedSubmitterTakesBackWhatItHandedIn() throws Exception {
    Gate gate = new Gate();
    ArithmeticEngine engine = engine(1, gate);
    try (Batcher batcher = batcher(engine, limits(4, 1_000, 1, 4_000))) {
      var running = submit(batcher, utterance(1, 5));
      gate.awaitEntered();
      AtomicReference<Exception> thrown = new AtomicReference<>();
      Thread submitter = blockedSubmitter(batcher, thrown);
      submitter.interrupt();
      submitter.join();
      assertInstanceOf(InterruptedException.class, thrown.get());
      gate.open();
      assertComputed(utterance(1, 5), running);
      assertComputed(utterance(5, 5), submit(batcher, utterance(5, 5)));
    }
    assertEquals(List.of(List.of(1f), List.of(5f)), engine.calls());
  }
}
