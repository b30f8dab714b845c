package io.voiceprint.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Utterances whose time is over. */
class OfferDeadlineTest extends OfferScene {
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
}
