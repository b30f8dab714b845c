package io.voiceprint.batch;

import static io.voiceprint.batch.ArithmeticEngine.POISON;
import static io.voiceprint.batch.ArithmeticEngine.audio;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.EngineException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is computed together, by which lane, and whose failure a failure is. */
class BatcherTest extends BatcherScene {
  @Test
  void oneUtteranceOfAnIdleBatcherIsComputedAlone() throws Exception {
    ArithmeticEngine engine = engine(1, utterances -> {});
    try (Batcher batcher = batcher(engine, LIMITS)) {
      for (int i = 1; i <= 3; i++) {
        float[] utterance = utterance(i, 10);
        assertComputed(utterance, submit(batcher, utterance));
      }
    }
    assertEquals(List.of(1, 1, 1), engine.batchSizes());
  }

  @Test
  void whatWaitsWhileTheEngineIsBusyIsComputedTogether() throws Exception {
    Gate gate = new Gate();
    ArithmeticEngine engine = engine(1, gate);
    try (Batcher batcher = batcher(engine, LIMITS)) {
      var first = submit(batcher, utterance(1, 10));
      gate.awaitEntered();
      List<CompletableFuture<float[]>> others = new ArrayList<>();
      for (int i = 2; i <= 11; i++) {
        others.add(submit(batcher, utterance(i, 10)));
      }
      BatcherStats busy = batcher.stats();
      assertEquals(10, busy.waiting());
      assertEquals(1, busy.running());
      gate.open();
      assertComputed(utterance(1, 10), first);
      for (int i = 2; i <= 11; i++) {
        assertComputed(utterance(i, 10), others.get(i - 2));
      }
    }
    assertEquals(List.of(1, 4, 4, 2), engine.batchSizes());
    assertEquals(List.of(2f, 3f, 4f, 5f), engine.calls().get(1));
    assertEquals(List.of(false, true, true, false), engine.othersWaited());
  }

  @Test
  void columnsBoundABatchAndALongUtteranceGoesAlone() throws Exception {
    Gate gate = new Gate();
    ArithmeticEngine engine = engine(1, gate);
    try (Batcher batcher = batcher(engine, LIMITS)) {
      var unused = submit(batcher, utterance(1, 10));
      gate.awaitEntered();
      int[] lengths = {500, 500, 1, 1_500, 999, 1, 1};
      for (int length : lengths) {
        unused = submit(batcher, utterance(length, length));
      }
      gate.open();
    }
    assertEquals(List.of(1, 2, 1, 1, 2, 1), engine.batchSizes());
  }

  @Test
  void utterancesHandedInTogetherAreComputedTogether() throws Exception {
    ArithmeticEngine engine = engine(1, utterances -> {});
    try (Batcher batcher = batcher(engine, LIMITS)) {
      float[][] utterances = {utterance(1, 3), utterance(2, 31), utterance(3, 33)};
      List<CompletableFuture<float[]>> embeddings = batcher.submit(audio(utterances));
      for (int i = 0; i < utterances.length; i++) {
        assertComputed(utterances[i], embeddings.get(i));
      }
    }
    assertEquals(List.of(3), engine.batchSizes());
  }

  @Test
  void nothingHandedInIsNothingComputed() throws Exception {
    ArithmeticEngine engine = engine(1, utterances -> {});
    try (Batcher batcher = batcher(engine, LIMITS)) {
      assertEquals(List.of(), batcher.submit(List.of()));
    }
    assertEquals(List.of(), engine.batchSizes());
  }

  @Test
  void onlyTheUtteranceThatCannotBeComputedFails() throws Exception {
    ArithmeticEngine engine = engine(1, utterances -> {});
    try (Batcher batcher = batcher(engine, LIMITS)) {
      List<CompletableFuture<float[]>> embeddings =
          batcher.submit(
              audio(utterance(1, 5), utterance(2, 6), utterance(POISON, 7), utterance(3, 8)));
      assertComputed(utterance(1, 5), embeddings.get(0));
      assertComputed(utterance(2, 6), embeddings.get(1));
      assertComputed(utterance(3, 8), embeddings.get(3));
      CompletionException failure =
          assertThrows(CompletionException.class, () -> embeddings.get(2).join());
      assertInstanceOf(EngineException.class, failure.getCause());
      assertEquals("poison in a batch of 1", failure.getCause().getMessage());

      BatcherStats stats = batcher.stats();
      assertEquals(3, stats.utterances());
      assertEquals(5 + 6 + 8, stats.samples());
      assertEquals(1, stats.failures());
      assertEquals(3, stats.batches());
      assertEquals(0, stats.running());
      assertTrue(stats.busyNanos() > 0);
    }
    assertEquals(List.of(4, 1, 1, 1, 1), engine.batchSizes());
  }

  @Test
  void aLaneSurvivesAnError() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    OutOfMemoryError error = new OutOfMemoryError("thrown by this test");
    Consumer<List<float[]>> failing =
        utterances -> {
          if (calls.incrementAndGet() == 1) {
            throw error;
          }
        };
    try (Batcher batcher = batcher(engine(1, failing), LIMITS)) {
      var failed = submit(batcher, utterance(1, 5));
      CompletionException failure = assertThrows(CompletionException.class, failed::join);
      assertSame(error, failure.getCause());
      assertComputed(utterance(2, 5), submit(batcher, utterance(2, 5)));
    }
  }

  @Test
  void lanesRunAtTheSameTime() throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    Consumer<List<float[]>> meeting =
        utterances -> {
          try {
            both.await(60, TimeUnit.SECONDS);
          } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new AssertionError("the other lane did not run", e);
          }
        };
    BatchLimits single = limits(1, 1_000, 100, 400_000);
    try (Batcher batcher = batcher(engine(2, meeting), single)) {
      List<CompletableFuture<float[]>> embeddings =
          batcher.submit(audio(utterance(1, 5), utterance(2, 5)));
      assertComputed(utterance(1, 5), embeddings.get(0));
      assertComputed(utterance(2, 5), embeddings.get(1));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void manyThreadsGetTheirOwnEmbeddingsToTheBit(int lanes) throws Exception {
    ArithmeticEngine engine = engine(lanes, utterances -> {});
    List<Thread> threads = new ArrayList<>();
    AtomicInteger right = new AtomicInteger();
    int perThread = 60;
    Batcher batcher = batcher(engine, limits(8, 2_000, 5, 16_000));
    for (int t = 0; t < 16; t++) {
      Random random = new Random(t);
      int[] lengths = {1, 3, 31, 32, 33, 127, 1021};
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < perThread; i++) {
                  boolean poisoned = random.nextInt(10) == 0;
                  float tag = poisoned ? POISON : random.nextFloat() / 2;
                  float[] utterance = utterance(tag, lengths[random.nextInt(lengths.length)]);
                  if (check(batcher, utterance, poisoned)) {
                    right.incrementAndGet();
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    batcher.close();
    assertEquals(16 * perThread, right.get());
    BatcherStats stats = batcher.stats();
    assertEquals(16L * perThread, stats.utterances() + stats.failures());
    assertEquals(0, stats.waiting());
    assertEquals(0, stats.running());
    assertTrue(engine.batchSizes().stream().allMatch(size -> size <= 8));
    assertFalse(engine.batchSizes().isEmpty());
  }

  private static boolean check(Batcher batcher, float[] utterance, boolean poisoned) {
    try {
      float[] embedding = submit(batcher, utterance).join();
      return !poisoned && Arrays.equals(ArithmeticEngine.expected(utterance), embedding);
    } catch (CompletionException e) {
      return poisoned && e.getCause() instanceof EngineException;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void limitsAreAtLeastOne() {
    assertThrows(IllegalArgumentException.class, () -> limits(0, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> limits(1, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> limits(1, 1, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> limits(1, 1, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new BatchLimits(1, 1, 1, 1, -1, 0));
    assertThrows(IllegalArgumentException.class, () -> new BatchLimits(1, 1, 1, 1, 0, -1));
  }
}
