package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.process.ChildProcess;
import io.voiceprint.simcuda.OnSimCuda;
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

/**
 * Utterances that take most of a device's memory: what the limits promise fits, whatever else the
 * lanes hold, and takes nothing from them afterwards.
 */
@ExtendWith(OnSimCuda.class)
class LongUtteranceTest {
  /** Of device memory, so that a few seconds of speech are long. */
  private static final long SMALL_DEVICE_BYTES = 40L << 20;

  private static final int LANES = 2;

  private static SpeakerModel model() {
    return SpeakerModel.seeded(
        new Res2NetArchitecture(
            Family.ERES2NET, 80, 4, List.of(1, 1, 1, 1), 32, 2, 2, Pooling.TSTP, 8, false),
        7);
  }

  private static CudaEngine open() {
    return TestEngines.open(model(), Precision.FP32, LANES);
  }

  private static Features clip(int frames) {
    return TestEngines.features(frames, new Random(frames));
  }

  private static String bits(float[] embedding) {
    return Arrays.toString(embedding);
  }

  /** In a process of its own, since the device's memory is an environment variable. */
  @Test
  void theLongestFitsBesideFullLanesWithTheBitsOfALargeDevice() throws IOException {
    String said =
        ChildProcess.java(
            Map.of("SIMCUDA_MEMORY", Long.toString(SMALL_DEVICE_BYTES)),
            OnASmallDevice.class,
            List.of());
    int longest = Integer.parseInt(line(said, "longest ").findFirst().orElseThrow());
    int together = Integer.parseInt(line(said, "together ").findFirst().orElseThrow());
    assertTrue(longest > together, said);
    assertEquals(
        List.of(
            "utterance 0 has %d frames but this network on %s takes 9 to %d"
                .formatted(longest + 1, TestEngines.device(), longest)),
        line(said, "refused ").toList());
    try (CudaEngine engine = open()) {
      assertTrue(engine.rows().maxColumns() > longest, "long for this device too");
      String expected = bits(engine.embedFeatures(List.of(clip(longest))).get(0));
      assertEquals(List.of(expected, expected), line(said, "long ").toList());
      String shared = bits(engine.embedFeatures(List.of(clip(together))).get(0));
      assertEquals(List.of(shared, shared, shared, shared), line(said, "short ").toList());
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
      try (CudaEngine engine = open()) {
        int longest = engine.maxFrames();
        int together = engine.rows().maxColumns() - 2 * engine.rows().columns(1);
        System.out.println("longest " + longest);
        System.out.println("together " + together);
        embedOnEveryLane(engine, together);
        List<Future<float[]>> embeddings = new ArrayList<>();
        for (int i = 0; i < LANES; i++) {
          embeddings.add(threads.submit(() -> engine.embedFeatures(List.of(clip(longest))).get(0)));
        }
        for (Future<float[]> embedding : embeddings) {
          System.out.println("long " + bits(embedding.get()));
        }
        embedOnEveryLane(engine, together);
        var refused =
            assertThrows(
                EngineException.class, () -> engine.embedFeatures(List.of(clip(longest + 1))));
        System.out.println("refused " + refused.getMessage());
      } finally {
        threads.shutdownNow();
      }
    }

    /** Clips that need a row each, so that one call takes all lanes. */
    private static void embedOnEveryLane(CudaEngine engine, int frames) {
      for (float[] embedding : engine.embedFeatures(List.of(clip(frames), clip(frames)))) {
        System.out.println("short " + bits(embedding));
      }
    }
  }
}
