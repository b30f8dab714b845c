package io.voiceprint.batch;

import static io.voiceprint.batch.ArithmeticEngine.audio;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A batcher of one engine, and utterances that begin with a tag. */
@Timeout(120)
@ExtendWith(SilentLog.class)
abstract class BatcherScene {
  static final BatchLimits LIMITS = limits(4, 1_000, 100, 400_000);

  static ArithmeticEngine engine(int lanes, Consumer<List<float[]>> onCall) {
    return ArithmeticEngine.perSample(lanes, onCall);
  }

  static BatchLimits limits(
      int batchUtterances, long batchColumns, int queueUtterances, long queueBytes) {
    return new BatchLimits(batchUtterances, batchColumns, queueUtterances, queueBytes, 0, 0);
  }

  static Batcher batcher(ArithmeticEngine engine, BatchLimits limits) {
    return new Batcher(List.of(engine), limits, new SystemTime());
  }

  /** An utterance that begins with its tag. */
  static float[] utterance(float tag, int samples) {
    float[] utterance = new float[samples];
    for (int i = 0; i < samples; i++) {
      utterance[i] = tag * (1 + i % 7);
    }
    return utterance;
  }

  static CompletableFuture<float[]> submit(Batcher batcher, float[] utterance)
      throws InterruptedException {
    return batcher.submit(audio(utterance)).get(0);
  }

  static void assertComputed(float[] utterance, CompletableFuture<float[]> embedding) {
    assertArrayEquals(ArithmeticEngine.expected(utterance), embedding.join());
  }
}
