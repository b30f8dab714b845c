package io.voiceprint.batch;

import static io.voiceprint.batch.ArithmeticEngine.audio;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.EngineException;
import io.voiceprint.log.RecordedLog;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Utterances that are handed in without waiting: refusals, deadlines, priorities, engines. */
@Timeout(120)
@ExtendWith(SilentLog.class)
class OfferTest {
  private static final BatchLimits LIMITS = new BatchLimits(1, 1_000, 3, 400, 0, 100);

  private final ManualTime time = new ManualTime();
  private final Gate gate = new Gate();
  private final ArithmeticEngine engine = ArithmeticEngine.perSample(1, gate);

  private Batcher batcher() {
    return new Batcher(List.of(engine), LIMITS, time);
  }

  private static float[] utterance(float tag) {
    return new float[] {tag, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  }

  private static CompletableFuture<float[]> offer(Batcher batcher, float tag, Terms terms) {
    return batcher.offer(audio(utterance(tag)), terms).get(0);
  }

  private static CompletableFuture<float[]> offer(Batcher batcher, float tag) {
    return offer(batcher, tag, Terms.USUAL);
  }

  private static Terms until(long nanos) {
    return new Terms(1, OptionalLong.of(nanos));
  }

  private static void assertComputed(float tag, CompletableFuture<float[]> embedding) {
    assertArrayEquals(ArithmeticEngine.expected(utterance(tag)), embedding.join());
  }

  private static Throwable failure(CompletableFuture<float[]> embedding) {
    assertTrue(embedding.isDone(), "must have failed by now");
    return assertThrows(CompletionException.class, embedding::join).getCause();
  }

  @Test
  void aFullQueueRefusesAtOnceAndWhollyUntilThereIsRoom() {
    try (Batcher batcher = batcher()) {
      var running = offer(batcher, 1);
      gate.awaitEntered();
      var second = offer(batcher, 2);
      QueueFullException refused =
          assertThrows(
              QueueFullException.class,
              () -> batcher.offer(audio(utterance(3), utterance(4), utterance(5)), Terms.USUAL));
      assertEquals("1 utterances wait, 3 may", refused.getMessage());
      assertEquals(1, batcher.stats().waiting());
      assertEquals(3, batcher.stats().rejected());

      var others = batcher.offer(audio(utterance(6), utterance(7)), Terms.USUAL);
      assertThrows(QueueFullException.class, () -> offer(batcher, 8));
      assertThrows(QueueFullException.class, () -> batcher.requireRoom(1));
      assertEquals(5, batcher.stats().rejected());
      assertTrue(second.cancel(false));
      assertEquals(2, batcher.stats().waiting(), "its place must be free at once");
      batcher.requireRoom(1);
      var last = offer(batcher, 9);
      gate.open();
      assertComputed(1, running);
      assertComputed(6, others.get(0));
      assertComputed(7, others.get(1));
      assertComputed(9, last);
      assertEquals(1, batcher.stats().cancelled());
    }
    assertEquals(List.of(1, 1, 1, 1), engine.batchSizes());
  }

  @Test
  void samplesFillAQueueToo() {
    try (Batcher batcher = batcher()) {
      var running = offer(batcher, 1);
      gate.awaitEntered();
      var large = batcher.offer(audio(new float[1_000]), Terms.USUAL);
      assertThrows(QueueFullException.class, () -> offer(batcher, 2));
      gate.open();
      assertComputed(1, running);
      assertEquals(4, large.get(0).join().length);
    }
  }

  @Test
  void samplesOf16BitsTakeHalfTheRoom() {
    // Of 400 bytes: 100 floats, or 200 integers.
    try (Batcher batcher = batcher()) {
      var running = offer(batcher, 1);
      gate.awaitEntered();
      var half = batcher.offer(List.of(integers(100)), Terms.USUAL);
      var other = batcher.offer(List.of(integers(97)), Terms.USUAL);
      QueueFullException refused =
          assertThrows(
              QueueFullException.class, () -> batcher.offer(List.of(integers(4)), Terms.USUAL));
      assertEquals(
          "the samples of 2 utterances wait and take 394 bytes, 400 may", refused.getMessage());
      assertThrows(QueueFullException.class, () -> batcher.offer(audio(new float[2]), Terms.USUAL));
      var last = batcher.offer(List.of(integers(3)), Terms.USUAL);
      gate.open();
      assertComputed(1, running);
      for (var each : List.of(half, other, last)) {
        assertEquals(4, each.get(0).join().length);
      }
    }
  }

  private static PcmAudio integers(int samples) {
    return new PcmAudio(new short[samples], 16_000);
  }

  @Test
  void moreThanTheQueueCouldEverHoldIsAnError() {
    Batcher batcher = batcher();
    List<PcmAudio> four = audio(utterance(1), utterance(2), utterance(3), utterance(4));
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> batcher.offer(four, Terms.USUAL));
    assertEquals(
        "4 utterances at once, but only 3 may wait; hand in fewer, or allow a longer queue",
        refused.getMessage());
    gate.open();
    batcher.close();
    assertThrows(IllegalStateException.class, () -> offer(batcher, 1));
    assertThrows(IllegalStateException.class, () -> batcher.requireRoom(1));
  }

  @Test
  void whoeverWaitsForRoomGoesBeforeWhoeverDoesNot() throws Exception {
    try (Batcher batcher = batcher()) {
      var running = offer(batcher, 1);
      gate.awaitEntered();
      var waiting = offer(batcher, 2);
      float[] large = new float[95];
      List<CompletableFuture<float[]>> embeddings = new ArrayList<>();
      Thread submitter =
          new Thread(
              () -> {
                try {
                  embeddings.addAll(batcher.submit(audio(large)));
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      submitter.start();
      Gate.awaitBlocked(submitter);
      // There is room for ten samples more, but not before the large one has had its turn.
      assertThrows(QueueFullException.class, () -> offer(batcher, 3));
      waiting.cancel(false);
      submitter.join();
      gate.open();
      assertComputed(1, running);
      assertArrayEquals(ArithmeticEngine.expected(large), embeddings.get(0).join());
    }
  }

  @Test
  void theTimeToComeBackIsWhatTheQueueTakesAtTheSpeedSeen() {
    Consumer<List<float[]>> twoSeconds = utterances -> time.advance(2_000_000_000L);
    Gate second = new Gate();
    ArithmeticEngine slow =
        ArithmeticEngine.perSample(
            1,
            utterances -> {
              twoSeconds.accept(utterances);
              if (utterances.get(0)[0] == 2) {
                second.accept(utterances);
              }
            });
    try (Batcher batcher = new Batcher(List.of(slow), LIMITS, time)) {
      assertComputed(1, offer(batcher, 1)); // ten columns in two seconds
      var running = offer(batcher, 2);
      second.awaitEntered();
      var waiting = batcher.offer(audio(utterance(3), utterance(4), utterance(5)), Terms.USUAL);
      QueueFullException refused = assertThrows(QueueFullException.class, () -> offer(batcher, 6));
      // Thirty columns wait. The call under way, of which nothing is known yet, does not count.
      assertEquals(6_000_000_000L, refused.retryAfterNanos());
      second.open();
      assertComputed(2, running);
      waiting.forEach(CompletableFuture::join);
    }
  }

  @Test
  void whatExpiresFailsAtItsDeadlineAndIsNotComputed() {
    try (Batcher batcher = batcher()) {
      var running = offer(batcher, 1, until(50));
      gate.awaitEntered();
      var expiring = offer(batcher, 2, until(30));
      var patient = offer(batcher, 3, until(60));
      var endless = offer(batcher, 4);
      time.advance(29);
      assertFalse(expiring.isDone());
      time.advance(1);
      assertInstanceOf(ExpiredException.class, failure(expiring));
      assertEquals(2, batcher.stats().waiting(), "its place must be free at once");
      assertFalse(running.isDone());
      time.advance(20);
      assertInstanceOf(ExpiredException.class, failure(running), "under way, and late");
      gate.open();
      assertComputed(3, patient);
      assertComputed(4, endless);
      assertEquals(2, batcher.stats().expired());
      assertEquals(0, time.alarms(), "no alarm outlives its utterance");
    }
    assertEquals(List.of(List.of(1f), List.of(3f), List.of(4f)), engine.calls());
    assertTrue(time.isClosed());
  }

  @Test
  void whatIsLateIsNotComputedEvenIfTheAlarmIsLateToo() {
    try (Batcher batcher = batcher()) {
      var running = offer(batcher, 1);
      gate.awaitEntered();
      var late = offer(batcher, 2, until(30));
      var inTime = offer(batcher, 3, until(31));
      time.advanceSilently(30);
      gate.open();
      assertComputed(1, running);
      assertComputed(3, inTime);
      assertInstanceOf(ExpiredException.class, failure(late));
      assertEquals(1, batcher.stats().expired());
    }
    assertEquals(List.of(List.of(1f), List.of(3f)), engine.calls());
  }

  @Test
  void levelsAgeAndEachIsServedInOrder() {
    try (Batcher batcher = batcher()) {
      var running = offer(batcher, 1);
      gate.awaitEntered();
      List<CompletableFuture<float[]>> all = new ArrayList<>(List.of(running));
      all.add(offer(batcher, 2, new Terms(2, OptionalLong.empty())));
      time.advance(150);
      all.add(offer(batcher, 3, new Terms(0, OptionalLong.empty())));
      time.advance(51);
      all.add(offer(batcher, 4, new Terms(0, OptionalLong.empty())));
      gate.open();
      all.forEach(CompletableFuture::join);
    }
    assertEquals(List.of(List.of(1f), List.of(3f), List.of(2f), List.of(4f)), engine.calls());
  }

  @Test
  void aBusyEngineWaitsForCompanyAndAnIdleOneDoesNot() {
    Consumer<List<float[]>> holdingTheFirst =
        utterances -> {
          if (utterances.get(0)[0] == 1) {
            gate.accept(utterances);
          }
        };
    ArithmeticEngine two = ArithmeticEngine.perSample(2, holdingTheFirst);
    BatchLimits delaying = new BatchLimits(4, 1_000, 10, 4_000, 500, 100);
    try (Batcher batcher = new Batcher(List.of(two), delaying, time)) {
      var atOnce = offer(batcher, 1);
      gate.awaitEntered();
      var second = offer(batcher, 2);
      time.advance(499);
      var third = offer(batcher, 3);
      time.advance(1);
      assertComputed(2, second);
      assertComputed(3, third);
      var full = batcher.offer(audio(utterance(4), utterance(5), utterance(6)), Terms.USUAL);
      assertFalse(full.get(0).isDone());
      var fourth = offer(batcher, 7);
      assertComputed(7, fourth);
      var last = offer(batcher, 8);
      gate.open();
      assertComputed(1, atOnce);
      assertComputed(8, last);
    }
    assertEquals(
        List.of(List.of(1f), List.of(2f, 3f), List.of(4f, 5f, 6f, 7f), List.of(8f)), two.calls());
  }

  @Test
  void anUtteranceGoesToTheEngineThatIsFree() {
    Gate otherGate = new Gate();
    ArithmeticEngine other = ArithmeticEngine.perSample(1, otherGate);
    try (Batcher batcher = new Batcher(List.of(engine, other), LIMITS, time)) {
      var both = batcher.offer(audio(utterance(1), utterance(2)), Terms.USUAL);
      gate.awaitEntered();
      otherGate.awaitEntered();
      gate.open();
      otherGate.open();
      assertComputed(1, both.get(0));
      assertComputed(2, both.get(1));
    }
    assertEquals(List.of(1), engine.batchSizes());
    assertEquals(List.of(1), other.batchSizes());
  }

  @Test
  void aBrokenEngineLosesNothingWhileThereIsAnother() {
    Gate otherGate = new Gate();
    ArithmeticEngine other = ArithmeticEngine.perSample(1, otherGate);
    try (Batcher batcher = new Batcher(List.of(engine, other), LIMITS, time)) {
      var both = batcher.offer(audio(utterance(1), utterance(2)), Terms.USUAL);
      gate.awaitEntered();
      otherGate.awaitEntered();
      engine.broken().set(true);
      gate.open();
      otherGate.open();
      assertComputed(1, both.get(0));
      assertComputed(2, both.get(1));
      for (int i = 3; i < 20; i++) {
        assertComputed(i, offer(batcher, i));
      }
      assertEquals(0, batcher.stats().failures());
      other.broken().set(true);
      EngineException lost = assertInstanceOf(EngineException.class, await(offer(batcher, 20)));
      assertEquals("the device was lost", lost.getMessage());
    }
    assertEquals(1, engine.calls().size());
  }

  @Test
  void theLossOfAnEngineIsToldOnceWhateverItsLanes() {
    CountDownLatch bothLanesCompute = new CountDownLatch(2);
    ArithmeticEngine lost =
        ArithmeticEngine.perSample(
            2,
            utterances -> {
              bothLanesCompute.countDown();
              Gate.await(bothLanesCompute);
            });
    lost.broken().set(true);
    try (RecordedLog log = RecordedLog.open()) {
      try (Batcher batcher = new Batcher(List.of(lost, engine), LIMITS, time)) {
        var three = batcher.offer(audio(utterance(1), utterance(2), utterance(3)), Terms.USUAL);
        gate.awaitEntered();
        Gate.await(bothLanesCompute);
        gate.open();
        for (int i = 0; i < three.size(); i++) {
          assertComputed(i + 1, three.get(i));
        }
      }
      assertEquals(
          List.of(
              "arithmetic is broken and gets no more work, the other engines go on: "
                  + new EngineException("the device was lost")),
          log.messages());
    }
    assertEquals(2, lost.calls().size());
  }

  private static Throwable await(CompletableFuture<float[]> embedding) {
    return embedding.handle((values, failure) -> failure).orTimeout(60, TimeUnit.SECONDS).join();
  }

  @Test
  void countsTimesAndPadding() {
    Consumer<List<float[]>> slow =
        utterances -> {
          gate.accept(utterances);
          time.advance(2_000_000);
        };
    ArithmeticEngine padding = ArithmeticEngine.perSample(1, slow);
    BatchLimits pairs = new BatchLimits(2, 1_000, 10, 4_000, 0, 0);
    Batcher batcher = new Batcher(List.of(padding), pairs, time);
    var first = offer(batcher, 1);
    gate.awaitEntered();
    time.advance(10_000_000);
    var pair = batcher.offer(audio(new float[4], new float[12]), Terms.USUAL);
    time.advance(40_000_000);
    gate.open();
    assertComputed(1, first);
    pair.forEach(CompletableFuture::join);
    batcher.close();

    BatcherStats stats = batcher.stats();
    assertEquals(3, stats.utterances());
    assertEquals(10 + 4 + 12, stats.samples());
    // Ten samples are nine frames in ten columns; four and twelve, 3 + 11 frames in 20 columns.
    assertEquals(9 + 3 + 11, stats.frames());
    assertEquals(10 + 20, stats.columns());
    assertEquals(2, stats.batches());
    assertEquals(List.of(1L, 1L), stats.batchUtterances().counts().subList(0, 2));
    // The first waited for nothing, the pair 42 ms; the calls took 52 and 2 ms.
    assertEquals(0.084, stats.queueSeconds().sum(), 1e-9);
    assertEquals(3, stats.queueSeconds().count());
    assertEquals(0.054, stats.computeSeconds().sum(), 1e-9);
    assertEquals(54_000_000, stats.busyNanos());
  }
}
