package io.voiceprint.batch;

import static io.voiceprint.batch.ArithmeticEngine.audio;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.voiceprint.engine.EngineException;
import io.voiceprint.log.RecordedLog;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Engines that share one queue, some of which break. */
class SeveralEnginesTest extends OfferScene {
  private final Gate otherGate = new Gate();
  private final ArithmeticEngine other = ArithmeticEngine.perSample(1, otherGate);

  /** Two utterances, which both engines compute now, each one, until the gates are opened. */
  private List<CompletableFuture<float[]>> offerOneToEach(Batcher batcher) {
    var both = batcher.offer(audio(utterance(1), utterance(2)), Terms.USUAL);
    gate.awaitEntered();
    otherGate.awaitEntered();
    return both;
  }

  @Test
  void anUtteranceGoesToTheEngineThatIsFree() {
    try (Batcher batcher = new Batcher(List.of(engine, other), LIMITS, time)) {
      var both = offerOneToEach(batcher);
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
    try (Batcher batcher = new Batcher(List.of(engine, other), LIMITS, time)) {
      var both = offerOneToEach(batcher);
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
}
