package io.voiceprint.batch;

import static io.voiceprint.batch.ArithmeticEngine.audio;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.PcmAudio;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Utterances that are handed in without waiting: what is refused, and when to come back. */
class OfferTest extends OfferScene {
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
}
