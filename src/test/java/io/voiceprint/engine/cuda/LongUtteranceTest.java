package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.golden.Golden;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.process.ChildProcess;
import io.voiceprint.simcuda.OnSimCuda;
import io.voiceprint.simcuda.SimCuda;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Utterances that take most of a device's memory: what the limits promise fits, whatever else the
 * lanes hold, and takes nothing from them afterwards.
 */
@ExtendWith(OnSimCuda.class)
class LongUtteranceTest {
  private static final int LANES = 2;

  /** Whose scratch memory is part of the promise. */
  enum Computing {
    WITH_OWN_KERNELS(40),
    WITH_CUBLAS(144),
    WITH_CUFFT(40);

    private final long deviceMebibytes; // so that a few seconds of speech are long

    Computing(long deviceMebibytes) {
      this.deviceMebibytes = deviceMebibytes;
    }

    CudaEngine open(int lanes, long mostBytes) {
      SpeakerModel model = model();
      FbankOptions frontEnd =
          this == WITH_CUFFT ? new FbankOptions(16000, 320, 160, 80, 20, 0.97) : model.frontEnd();
      return CudaEngine.open(
          TestEngines.device(),
          model.graph(),
          frontEnd,
          Precision.FP32,
          lanes,
          this == WITH_CUBLAS ? forcing(model, "cublas") : Tuning.NONE,
          mostBytes);
    }

    CudaEngine open() {
      return open(LANES, Long.MAX_VALUE);
    }
  }

  private static Tuning forcing(SpeakerModel model, String library) {
    try (Tuner tuner =
        new Tuner(TestEngines.device(), model.graph(), model.frontEnd(), Precision.FP32)) {
      Tuning tuning = Tuning.forcing(tuner.choices(true), List.of(library));
      assertFalse(tuning.choices().isEmpty());
      return tuning;
    }
  }

  private static SpeakerModel model() {
    return SpeakerModel.seeded(
        new Res2NetArchitecture(
            Family.ERES2NET, 80, 4, List.of(1, 1, 1, 1), 32, 2, 2, Pooling.TSTP, 8, false),
        7);
  }

  private static float[] clip(CudaEngine engine, int frames) {
    int samples = Math.toIntExact(engine.frontEnd().samplesFor(frames));
    return TestEngines.samples(samples, new Random(frames));
  }

  private static String bits(float[] embedding) {
    return Arrays.toString(embedding);
  }

  /** In a process of its own, since the device's memory is an environment variable. */
  @ParameterizedTest
  @EnumSource
  void theLongestFitsBesideFullLanesWithTheBitsOfALargeDevice(Computing computing)
      throws IOException {
    String said =
        ChildProcess.java(
            Map.of("SIMCUDA_MEMORY", Long.toString(computing.deviceMebibytes << 20)),
            OnASmallDevice.class,
            List.of(computing.name()));
    int longest = Integer.parseInt(line(said, "longest ").findFirst().orElseThrow());
    int together = Integer.parseInt(line(said, "together ").findFirst().orElseThrow());
    assertTrue(longest > together, said);
    assertEquals(
        List.of(
            "utterance 0 has %d frames but this network on %s takes 9 to %d"
                .formatted(longest + 1, TestEngines.device(), longest)),
        line(said, "refused ").toList());
    try (CudaEngine engine = computing.open()) {
      assertTrue(engine.rows().maxColumns() > longest, "long for this device too");
      String expected = bits(engine.embed(List.of(clip(engine, longest))).get(0));
      assertEquals(List.of(expected, expected), line(said, "long ").toList());
      String shared = bits(engine.embed(List.of(clip(engine, together))).get(0));
      assertEquals(List.of(shared, shared, shared, shared), line(said, "short ").toList());
    }
  }

  /** Utterances of minutes come in any length, and what a library keeps for one is not small. */
  @Test
  void nothingIsKeptForALengthThatMayNotComeAgain() {
    try (CudaEngine engine = Computing.WITH_CUFFT.open(1, 8L << 20)) {
      int first = engine.rows().maxColumns() + 8;
      assertTrue(first + 40 <= engine.maxFrames(), "there is room for long rows");
      engine.embed(List.of(clip(engine, first)));
      long plans = SimCuda.live("cufft plan");
      long bytes = SimCuda.liveBytes();
      for (int frames = first + 8; frames <= first + 40; frames += 8) {
        engine.embed(List.of(clip(engine, frames)));
      }
      assertEquals(plans, SimCuda.live("cufft plan"));
      assertEquals(bytes, SimCuda.liveBytes());
    }
    assertEquals(0, SimCuda.live("cufft plan"));
  }

  @Test
  void neitherAreTheDescriptorsOfConvolutions() {
    try (CudaEngine engine = openWithCudnn()) {
      engine.embed(List.of(clip(engine, 40)));
      engine.awaitCaptures();
      long kept = SimCuda.live("cudnn descriptor");
      assertTrue(kept > 0);
      int first = engine.rows().maxColumns() + 8;
      assertTrue(first + 8 <= engine.maxFrames(), "there is room for long rows");
      engine.embed(List.of(clip(engine, first)));
      engine.embed(List.of(clip(engine, first + 8)));
      assertEquals(kept, SimCuda.live("cudnn descriptor"));
    }
    assertEquals(0, SimCuda.live("cudnn descriptor"));
  }

  private static CudaEngine openWithCudnn() {
    SpeakerModel model = model();
    return CudaEngine.open(
        TestEngines.device(),
        model.graph(),
        model.frontEnd(),
        Precision.FP32,
        1,
        forcing(model, "cudnn-"),
        136L << 20); // little more than twice a convolution's scratch memory
  }

  /** The library's own bound on a tensor takes half an hour of speech to reach. */
  @Test
  void ourKernelsComputeTheLayersWhoseTensorsAreTooLargeForCudnn() throws IOException {
    try (CudaEngine engine = Computing.WITH_OWN_KERNELS.open()) {
      String said =
          ChildProcess.java(
              Map.of("SIMCUDA_CUDNN_ELEMENTS", Integer.toString(OnASmallCudnn.MOST_ELEMENTS)),
              OnASmallCudnn.class,
              List.of());
      List<String> embeddings = line(said, "embedding of ").toList();
      assertEquals(2, embeddings.size(), said);
      for (String embedding : embeddings) {
        String[] parts = embedding.split(": ", 2);
        float[] expected = engine.embed(List.of(clip(engine, Integer.parseInt(parts[0])))).get(0);
        double[] given =
            Stream.of(parts[1].replaceAll("[\\[\\]]", "").split(", ", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
        assertTrue(Golden.relativeL2(expected, given) <= 1e-5, said);
      }
      List<Integer> convolutions =
          line(said, "convolutions of cuDNN ").map(Integer::valueOf).toList();
      assertEquals(2, convolutions.size(), said);
      assertTrue(0 < convolutions.get(1), said);
      // The short row was run and captured, the long one run alone.
      assertTrue(2 * convolutions.get(1) < convolutions.get(0), said);
    }
  }

  private static Stream<String> line(String said, String begin) {
    return said.lines().filter(l -> l.startsWith(begin)).map(l -> l.substring(begin.length()));
  }

  /** Fills both lanes, embeds the longest utterance in two threads, and fills the lanes again. */
  static final class OnASmallDevice {
    private OnASmallDevice() {}

    public static void main(String[] arguments) throws Exception {
      ExecutorService threads = Executors.newFixedThreadPool(LANES);
      try (CudaEngine engine = Computing.valueOf(arguments[0]).open()) {
        int longest = engine.maxFrames();
        int together = engine.rows().maxColumns() - 2 * engine.rows().columns(1);
        System.out.println("longest " + longest);
        System.out.println("together " + together);
        embedOnEveryLane(engine, together);
        List<Future<float[]>> embeddings = new ArrayList<>();
        for (int i = 0; i < LANES; i++) {
          embeddings.add(threads.submit(() -> engine.embed(List.of(clip(engine, longest))).get(0)));
        }
        for (Future<float[]> embedding : embeddings) {
          System.out.println("long " + bits(embedding.get()));
        }
        embedOnEveryLane(engine, together);
        var refused =
            assertThrows(
                EngineException.class, () -> engine.embed(List.of(clip(engine, longest + 1))));
        System.out.println("refused " + refused.getMessage());
      } finally {
        threads.shutdownNow();
      }
    }

    /** Clips that need a row each, so that one call takes all lanes. */
    private static void embedOnEveryLane(CudaEngine engine, int frames) {
      float[] clip = clip(engine, frames);
      for (float[] embedding : engine.embed(List.of(clip, clip))) {
        System.out.println("short " + bits(embedding));
      }
    }
  }

  /** Embeds a short and a long utterance, and counts what cuDNN is asked to compute. */
  static final class OnASmallCudnn {
    /** Of the first stage's maps, of 80 mel bins and 8 channels, at 120 columns. */
    static final int MOST_ELEMENTS = 80 * 8 * 120;

    private OnASmallCudnn() {}

    public static void main(String[] arguments) {
      try (CudaEngine engine = openWithCudnn()) {
        SimCuda.require();
        for (int frames : List.of(40, engine.rows().maxColumns() + 8)) {
          SimCuda.reset();
          float[] embedding = engine.embed(List.of(clip(engine, frames))).get(0);
          engine.awaitCaptures();
          System.out.println("convolutions of cuDNN " + SimCuda.calls("cudnnConvolutionForward"));
          System.out.println("embedding of " + frames + ": " + bits(embedding));
        }
      }
    }
  }
}
