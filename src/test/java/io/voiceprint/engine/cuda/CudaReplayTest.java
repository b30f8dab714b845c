package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.SimCuda;
import java.lang.management.ManagementFactory;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that are replayed as one graph, rows of many sizes, rows on several lanes. */
@Tag("gpu")
class CudaReplayTest {
  /** Bytes of Java garbage that a call may make beside its results. */
  static final long GARBAGE_BYTES = 1024;

  private static final int CALLS = 40;

  /** Memory on the device, page-locked memory, other waits, and launches beside the graph. */
  static final List<String> NEVER_IN_A_REPLAY =
      List.of(
          "cuMemAlloc*",
          "cuMemHostAlloc*",
          "cuMemCreate",
          "cuMemMap",
          "cuMemFree*",
          "cuMemcpy*",
          "cuCtxSynchronize",
          "cuEventSynchronize",
          "cuStreamBeginCapture*",
          "cuGraphInstantiate*",
          "cuGraphUpload",
          "cuLaunchKernel");

  private static SpeakerModel model() {
    return RandomModels.next(new Random(23));
  }

  @Test
  void aReplayedRowGivesTheBitsOfTheFirstRun() {
    Random random = new Random(1);
    List<float[]> one = List.of(TestEngines.samples(8000, random));
    List<float[]> two = List.of(TestEngines.samples(7000, random));
    try (CudaEngine engine = TestEngines.open(model(), TestEngines.precision(), 1)) {
      float[] first = engine.embed(one).get(0);
      float[] other = engine.embed(two).get(0);
      engine.awaitCaptures();
      for (int round = 0; round < 3; round++) {
        assertArrayEquals(first, engine.embed(one).get(0));
        assertArrayEquals(other, engine.embed(two).get(0));
      }
    }
  }

  /** Java may run out of memory at any place; here it does so at each look at an utterance. */
  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void anErrorOfJavaTakesNoLaneAway() {
    List<Features> utterances = List.of(TestEngines.features(20, new Random(5)));
    try (Engine engine = TestEngines.open(model(), TestEngines.precision(), 2)) {
      List<float[]> expected = engine.embedFeatures(utterances);
      AtomicInteger looks = new AtomicInteger();
      List<Features> failing =
          new AbstractList<>() {
            @Override
            public Features get(int index) {
              if (looks.decrementAndGet() < 0) {
                throw new OutOfMemoryError("on purpose");
              }
              return utterances.get(index);
            }

            @Override
            public int size() {
              return utterances.size();
            }
          };
      List<float[]> embeddings = List.of();
      int failures = 0;
      while (embeddings.isEmpty()) {
        looks.set(failures);
        try {
          embeddings = engine.embedFeatures(failing);
        } catch (OutOfMemoryError e) {
          failures++;
        }
      }
      assertTrue(failures > 2, "failures: " + failures);
      assertArrayEquals(expected.get(0), embeddings.get(0));
    }
  }

  @Test
  void manyUtterancesRunInRowsAndComeBackInOrder() {
    Random random = new Random(2);
    List<Features> utterances = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      utterances.add(TestEngines.features(9 + random.nextInt(40), random));
    }
    try (Engine engine = TestEngines.open(model(), TestEngines.precision(), 3)) {
      List<float[]> together = engine.embedFeatures(utterances);
      assertEquals(utterances.size(), together.size());
      for (int i = 0; i < utterances.size(); i += 7) {
        assertArrayEquals(engine.embedFeatures(List.of(utterances.get(i))).get(0), together.get(i));
      }
      assertEquals(List.of(), engine.embedFeatures(List.of()));
    }
  }

  @Test
  void threadsShareTheLanes() throws Exception {
    Random random = new Random(3);
    List<Features> utterances = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      utterances.add(TestEngines.features(9 + random.nextInt(30), random));
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Engine engine = TestEngines.open(model(), TestEngines.precision(), 2)) {
      List<float[]> expected = engine.embedFeatures(utterances);
      List<Future<float[]>> results = new ArrayList<>();
      for (Features utterance : utterances) {
        results.add(threads.submit(() -> engine.embedFeatures(List.of(utterance)).get(0)));
      }
      for (int i = 0; i < results.size(); i++) {
        assertArrayEquals(expected.get(i), results.get(i).get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @CsvSource({"16000, false", "44100, false", "16000, true", "44100, true"})
  void aReplayAllocatesNothingWaitsOnceAndMakesHardlyAnyGarbage(int rate, boolean int16) {
    float[] samples = TestEngines.samples(rate / 4, new Random(4));
    List<PcmAudio> utterance =
        List.of(
            int16
                ? new PcmAudio(TestEngines.integers(samples), rate)
                : new PcmAudio(samples, rate));
    try (CudaEngine engine = TestEngines.open(model(), TestEngines.precision(), 1)) {
      engine.embedAudio(utterance);
      engine.awaitCaptures();
      long garbage = garbage(engine, () -> engine.embedAudio(utterance));
      assertTrue(garbage <= GARBAGE_BYTES, () -> garbage + " bytes of garbage");
      if (TestEngines.isSlow()) {
        SimCuda.require();
        SimCuda.reset();
        engine.embedAudio(utterance);
        for (String call : NEVER_IN_A_REPLAY) {
          assertEquals(0, SimCuda.calls(call), call);
        }
        assertEquals(1, SimCuda.calls("cuGraphLaunch"));
        assertEquals(1, SimCuda.calls("cuStreamSynchronize"));
      }
    }
  }

  /** Bytes of Java garbage that a call for one embedding makes, once the JVM has compiled it. */
  static long garbage(CudaEngine engine, Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long best = Long.MAX_VALUE;
    for (int i = 0; i < CALLS; i++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      call.run();
      best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
    }
    long results = 16 + (long) Float.BYTES * engine.embeddingSize() + 8;
    return best - results;
  }

  @Test
  void anUtteranceOfTheWrongLengthIsRefusedByItsFrames() {
    try (CudaEngine engine = TestEngines.open(model(), TestEngines.precision(), 1)) {
      int tooShort = engine.minFrames() - 1;
      Features features = TestEngines.features(Math.max(1, tooShort), new Random(5));
      if (tooShort >= 1) {
        var thrown =
            assertThrows(EngineException.class, () -> engine.embedFeatures(List.of(features)));
        assertTrue(thrown.getMessage().contains(tooShort + " frames"), thrown.getMessage());
      }
      assertTrue(engine.maxFrames() > 60_000, "maxFrames=" + engine.maxFrames());
    }
  }
}
