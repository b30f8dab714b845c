package io.voiceprint.batch;

import static io.voiceprint.batch.ArithmeticEngine.audio;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a batcher counts. */
class BatcherStatsTest extends OfferScene {
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
