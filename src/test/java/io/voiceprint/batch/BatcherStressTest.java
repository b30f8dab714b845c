package io.voiceprint.batch;

import static io.voiceprint.batch.ArithmeticEngine.audio;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.EngineException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arrivals, cancellations, deadlines and failures at random, with real threads and real time. */
@Timeout(120)
@ExtendWith(SilentLog.class)
class BatcherStressTest {
  private static final int THREADS = 8;
  private static final int ROUNDS = 150;
  private static final int QUEUE = 12;

  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicLong rejected = new AtomicLong();
  private final AtomicInteger mostWaiting = new AtomicInteger();
  private final AtomicReference<Throwable> wrong = new AtomicReference<>();
  private final List<Handed> handed = Collections.synchronizedList(new ArrayList<>());

  /** An utterance and what became of it. */
  private record Handed(
      float[] utterance, CompletableFuture<float[]> embedding, AtomicInteger completions) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverIsAcceptedIsAnsweredOnce(long seed) throws Exception {
    Random random = new Random(seed);
    int lanes = 1 + random.nextInt(3);
    long delay = random.nextBoolean() ? 0 : 1_000_000;
    AtomicReference<Batcher> self = new AtomicReference<>();
    Consumer<List<float[]>> watching =
        utterances -> {
          Batcher batcher = self.get();
          if (batcher != null) {
            mostWaiting.accumulateAndGet(batcher.stats().waiting(), Math::max);
          }
        };
    ArithmeticEngine first = ArithmeticEngine.perSample(lanes, watching);
    ArithmeticEngine second = ArithmeticEngine.perSample(lanes, watching);
    SystemTime time = new SystemTime();
    BatchLimits limits = new BatchLimits(4, 200, QUEUE, 12_000, delay, 1_000_000);
    Batcher batcher = new Batcher(List.of(first, second), limits, time);
    self.set(batcher);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      Random own = new Random(seed * 1_000 + t);
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < ROUNDS; i++) {
                    handIn(batcher, time, own);
                    cancelSome(own);
                  }
                } catch (InterruptedException | RuntimeException | Error e) {
                  wrong.compareAndSet(null, e);
                }
              });
      threads.add(thread);
      thread.start();
    }
    if (seed % 2 == 0) {
      // One of two engines is lost on the way.
      second.broken().set(true);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    batcher.close();
    if (wrong.get() != null) {
      throw new AssertionError(wrong.get());
    }
    // What the lost engine's lanes give back comes on top.
    assertAllAnswered(batcher, seed % 2 == 0 ? QUEUE + 4 * lanes : QUEUE);
  }

  private void handIn(Batcher batcher, TimeSource time, Random random) throws InterruptedException {
    List<float[]> utterances = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      float[] utterance = new float[2 + random.nextInt(120)];
      utterance[0] = random.nextInt(12) == 0 ? ArithmeticEngine.POISON : random.nextFloat() / 2;
      utterance[1] = random.nextFloat();
      utterances.add(utterance);
    }
    List<CompletableFuture<float[]>> embeddings;
    if (random.nextInt(4) == 0) {
      embeddings = batcher.submit(audio(utterances.toArray(float[][]::new)));
    } else {
      OptionalLong deadline =
          random.nextInt(3) == 0
              ? OptionalLong.of(time.nanos() + random.nextInt(1_500_000))
              : OptionalLong.empty();
      try {
        embeddings =
            batcher.offer(
                audio(utterances.toArray(float[][]::new)), new Terms(random.nextInt(3), deadline));
      } catch (QueueFullException e) {
        assertTrue(e.retryAfterNanos() > 0);
        rejected.addAndGet(utterances.size());
        return;
      }
    }
    accepted.addAndGet(utterances.size());
    for (int i = 0; i < utterances.size(); i++) {
      AtomicInteger completions = new AtomicInteger();
      var unused = embeddings.get(i).whenComplete((v, f) -> completions.incrementAndGet());
      handed.add(new Handed(utterances.get(i), embeddings.get(i), completions));
    }
  }

  private void cancelSome(Random random) {
    if (random.nextInt(5) == 0 && !handed.isEmpty()) {
      handed.get(random.nextInt(handed.size())).embedding().cancel(false);
    }
  }

  private void assertAllAnswered(Batcher batcher, int bound) {
    assertEquals(accepted.get(), handed.size());
    int failed = 0;
    int expired = 0;
    int computed = 0;
    for (Handed each : handed) {
      assertTrue(each.embedding().isDone(), "an utterance was never answered");
      assertEquals(1, each.completions().get());
      try {
        assertArrayEquals(ArithmeticEngine.expected(each.utterance()), each.embedding().join());
        computed++;
      } catch (CancellationException e) {
        assertTrue(each.embedding().isCancelled());
      } catch (CompletionException e) {
        if (e.getCause() instanceof ExpiredException) {
          expired++;
        } else {
          assertEquals(EngineException.class, e.getCause().getClass());
          assertEquals(ArithmeticEngine.POISON, each.utterance()[0], "a neighbour's failure");
          failed++;
        }
      }
    }
    // An alarm that has just rung may not have counted yet.
    while (batcher.stats().expired() < expired) {
      Thread.onSpinWait();
    }
    BatcherStats stats = batcher.stats();
    assertEquals(expired, stats.expired());
    assertEquals(rejected.get(), stats.rejected());
    assertTrue(stats.utterances() >= computed && stats.failures() >= failed);
    assertEquals(0, stats.waiting());
    assertEquals(0, stats.running());
    assertTrue(mostWaiting.get() <= bound, "waiting=" + mostWaiting.get());
    assertTrue(computed > 0 && failed > 0, "the test must see both");
  }

  /** With one lane, what a thread hands in at one level is computed in its order. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void withinALevelTheOrderIsKept(int batchUtterances) throws Exception {
    ArithmeticEngine engine = ArithmeticEngine.perSample(1, utterances -> {});
    BatchLimits limits = new BatchLimits(batchUtterances, 1_000, 50, 40_000, 0, 10_000);
    Batcher batcher = new Batcher(List.of(engine), limits, new SystemTime());
    List<Thread> threads = new ArrayList<>();
    for (int level = 0; level < Terms.LEVELS; level++) {
      Terms terms = new Terms(level, OptionalLong.empty());
      int base = 1_000 * level;
      Thread thread =
          new Thread(
              () -> {
                for (int i = 1; i <= 300; i++) {
                  offerUntilAccepted(batcher, new float[] {base + i, 0}, terms);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    batcher.close();
    for (int level = 0; level < Terms.LEVELS; level++) {
      int base = 1_000 * level;
      List<Integer> order =
          engine.calls().stream()
              .flatMap(List::stream)
              .map(tag -> Math.round(tag) - base)
              .filter(i -> i >= 1 && i <= 300)
              .toList();
      assertEquals(300, order.size());
      for (int i = 0; i < 300; i++) {
        assertEquals(i + 1, order.get(i));
      }
    }
  }

  private static void offerUntilAccepted(Batcher batcher, float[] utterance, Terms terms) {
    while (true) {
      try {
        batcher.offer(audio(utterance), terms);
        return;
      } catch (QueueFullException e) {
        Thread.onSpinWait();
      }
    }
  }
}
