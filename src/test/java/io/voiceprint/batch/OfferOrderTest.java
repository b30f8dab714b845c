package io.voiceprint.batch;

import static io.voiceprint.batch.ArithmeticEngine.audio;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which utterances are computed first, and which together. */
class OfferOrderTest extends OfferScene {
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
}
