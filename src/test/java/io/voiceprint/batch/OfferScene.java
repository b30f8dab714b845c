package io.voiceprint.batch;

import static io.voiceprint.batch.ArithmeticEngine.audio;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A batcher of one engine that waits at a gate, a clock that is turned by hand, and short
 * utterances with a tag.
 */
@Timeout(120)
@ExtendWith(SilentLog.class)
abstract class OfferScene {
  static final BatchLimits LIMITS = new BatchLimits(1, 1_000, 3, 400, 0, 100);

  final ManualTime time = new ManualTime();

  final Gate gate = new Gate();

  final ArithmeticEngine engine = ArithmeticEngine.perSample(1, gate);

  Batcher batcher() {
    return new Batcher(List.of(engine), LIMITS, time);
  }

  static float[] utterance(float tag) {
    return new float[] {tag, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  }

  static CompletableFuture<float[]> offer(Batcher batcher, float tag, Terms terms) {
    return batcher.offer(audio(utterance(tag)), terms).get(0);
  }

  static CompletableFuture<float[]> offer(Batcher batcher, float tag) {
    return offer(batcher, tag, Terms.USUAL);
  }

  static Terms until(long nanos) {
    return new Terms(1, OptionalLong.of(nanos));
  }

  static void assertComputed(float tag, CompletableFuture<float[]> embedding) {
    assertArrayEquals(ArithmeticEngine.expected(utterance(tag)), embedding.join());
  }

  static Throwable failure(CompletableFuture<float[]> embedding) {
    assertTrue(embedding.isDone(), "must have failed by now");
    return assertThrows(CompletionException.class, embedding::join).getCause();
  }
}
