package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineContract;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Graph;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CpuEngineTest extends EngineContract {
  @Override
  protected Engine open(Graph graph, FbankOptions frontEnd) {
    OneDnnAvailable.assume();
    return new CpuEngine(graph, frontEnd, Precision.FP32, 2, 1);
  }

  private static CpuEngine open(SpeakerModel model, Precision precision, int threads) {
    return open(model, precision, threads, 1);
  }

  private static CpuEngine open(SpeakerModel model, Precision precision, int threads, int lanes) {
    OneDnnAvailable.assume(precision);
    return new CpuEngine(model.graph(), model.frontEnd(), precision, threads, lanes);
  }

  /** Lengths 57 to 60 share a bucket: what one leaves behind must not reach the next. */
  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void nothingOfAnUtteranceReachesTheNext(Precision precision) {
    Random random = new Random(21);
    for (int network = 0; network < 3; network++) {
      SpeakerModel model = RandomModels.next(random);
      float[] notNumbers = new float[60 * 80];
      Arrays.fill(notNumbers, Float.NaN);
      List<Features> utterances = new ArrayList<>();
      List<float[]> fresh = new ArrayList<>();
      for (int frames = 57; frames <= 60; frames++) {
        assertEquals(60, Session.bucket(frames));
        Features utterance = features(frames, random);
        utterances.add(utterance);
        try (Engine engine = open(model, precision, 2)) {
          fresh.add(engine.embedFeatures(List.of(utterance)).get(0));
        }
      }
      try (Engine engine = open(model, precision, 2)) {
        for (int i = 0; i < utterances.size(); i++) {
          engine.embedFeatures(List.of(new Features(60, 80, notNumbers)));
          float[] embedding = engine.embedFeatures(List.of(utterances.get(i))).get(0);
          assertArrayEquals(fresh.get(i), embedding, "frames " + utterances.get(i).frames());
          for (float x : embedding) {
            assertTrue(Float.isFinite(x));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"FP32, 2, 1", "BF16, 2, 1", "FP32, 2, 2", "BF16, 3, 3", "FP32, 5, 2"})
  void manyThreadsGetWhatOneGets(Precision precision, int threads, int lanes)
      throws ExecutionException, InterruptedException {
    Random random = new Random(31);
    SpeakerModel model = RandomModels.next(random);
    List<Features> utterances = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      int shortest = i % 6 == 0 ? Teams.SHORT_FRAMES - 40 : 9;
      utterances.add(features(shortest + random.nextInt(90), random));
    }
    ExecutorService callers = Executors.newFixedThreadPool(6);
    try (Engine engine = open(model, precision, threads, lanes)) {
      assertEquals(lanes, engine.lanes());
      List<float[]> expected = engine.embedFeatures(utterances);
      List<Future<List<float[]>>> results = new ArrayList<>();
      for (Features utterance : utterances) {
        results.add(callers.submit(() -> engine.embedFeatures(List.of(utterance))));
      }
      for (int i = 0; i < results.size(); i++) {
        assertArrayEquals(expected.get(i), results.get(i).get().get(0), "utterance " + i);
      }
    } finally {
      callers.shutdown();
    }
  }

  @ParameterizedTest
  @CsvSource({"FP32, 2, 2", "BF16, 2, 2", "FP32, 6, 2"})
  void noBitDependsOnWhetherOthersWait(Precision precision, int threads, int lanes) {
    Random random = new Random(37);
    for (int i = 0; i < 4; i++) {
      SpeakerModel model = RandomModels.next(random);
      try (CpuEngine engine = open(model, precision, threads, lanes)) {
        for (int k = 0; k < 3; k++) {
          float[] samples = new float[16_000 * 5 + random.nextInt(16_000 * 4)];
          for (int s = 0; s < samples.length; s++) {
            samples[s] = (float) (0.1 * random.nextGaussian());
          }
          List<PcmAudio> utterance = List.of(new PcmAudio(samples, 16_000));
          assertArrayEquals(
              engine.embedAudio(utterance, false).get(0),
              engine.embedAudio(utterance, true).get(0),
              () -> model.architecture() + ", samples " + samples.length);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void everyLayerOfThePublishedNetworksHasACompiledKernel(Precision precision) {
    Res2NetArchitecture base = published(Family.ERES2NET, 32, 32, 2, 2, Pooling.TSTP);
    Res2NetArchitecture second = published(Family.ERES2NETV2, 64, 26, 2, 2, Pooling.TSTP);
    for (Res2NetArchitecture architecture : List.of(base, second)) {
      try (CpuEngine engine = open(SpeakerModel.seeded(architecture, 1), precision, 2)) {
        engine
            .implementations(298)
            .forEach(
                (layer, kernel) ->
                    assertTrue(
                        kernel.startsWith("jit") || kernel.startsWith("brg"),
                        () -> architecture + ", " + layer + ": " + kernel));
      }
    }
  }

  private static Res2NetArchitecture published(
      Family family, int channels, int baseWidth, int scale, int expansion, Pooling pooling) {
    return new Res2NetArchitecture(
        family,
        80,
        channels,
        List.of(1, 1, 1, 1),
        baseWidth,
        scale,
        expansion,
        pooling,
        192,
        false);
  }

  @Test
  void theNumberOfThreadsDoesNotBreakAnything() {
    Random random = new Random(41);
    SpeakerModel model = RandomModels.next(random);
    Features utterance = features(131, random);
    List<float[]> embeddings = new ArrayList<>();
    for (int threads : new int[] {1, 2, 3, 8}) {
      try (Engine engine = open(model, Precision.FP32, threads)) {
        embeddings.add(engine.embedFeatures(List.of(utterance)).get(0));
      }
    }
    for (float[] embedding : embeddings) {
      assertArrayEquals(embeddings.get(0), embedding, 1e-4f);
    }
  }

  @Test
  void itSaysHowItComputes() {
    SpeakerModel model = RandomModels.next(new Random(5));
    try (Engine one = open(model, Precision.FP32, 3, 1);
        Engine three = open(model, Precision.FP32, 7, 3)) {
      assertEquals("oneDNN, 3 threads", one.description());
      assertEquals("oneDNN, 3 lanes of 2 threads", three.description());
    }
  }

  @Test
  void whatItCannotDoIsRefused() {
    OneDnnAvailable.assume();
    SpeakerModel model = RandomModels.next(new Random(3));
    assertFalse(CpuEngine.supports(Precision.FP16));
    var thrown =
        assertThrows(IllegalArgumentException.class, () -> open(model, Precision.FP32, 0).close());
    assertTrue(thrown.getMessage().contains("threads=0"), thrown.getMessage());
    thrown =
        assertThrows(
            IllegalArgumentException.class, () -> open(model, Precision.FP32, 2, 3).close());
    assertTrue(thrown.getMessage().contains("lanes=3"), thrown.getMessage());
    thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> new CpuEngine(model.graph(), model.frontEnd(), Precision.FP16, 1, 1).close());
    assertTrue(thrown.getMessage().contains("FP16"), thrown.getMessage());
  }

  @Test
  void bucketsAreFewAndClose() {
    int buckets = 0;
    int last = 0;
    for (int frames = 1; frames <= 60_000; frames++) {
      int bucket = Session.bucket(frames);
      assertTrue(bucket >= frames && bucket >= last);
      assertTrue(bucket - frames < Math.max(4, 0.063 * frames), "frames " + frames);
      assertEquals(bucket, Session.bucket(bucket));
      buckets += bucket == last ? 0 : 1;
      last = bucket;
    }
    assertTrue(buckets < 190, "buckets " + buckets);
  }

  static Features features(int frames, Random random) {
    float[] data = new float[frames * 80];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) (3 * random.nextGaussian());
    }
    return new Features(frames, 80, data);
  }
}
