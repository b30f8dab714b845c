package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.cuda.CublasGemm;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.SimCuda;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that are longer than all that are captured. */
class RowBeyondTheBucketsTest {
  private final SpeakerModel model =
      SpeakerModel.seeded(
          new Res2NetArchitecture(
              Family.ERES2NET, 80, 4, List.of(1, 1, 1, 1), 32, 2, 2, Pooling.TSTP, 8, false),
          7);
  private final Features clip = TestEngines.features(12, new Random(8));

  @BeforeEach
  void onTheSoftwareDevice() {
    assumeTrue(TestEngines.isSlow(), "the software device alone counts what is left");
    SimCuda.require();
    SimCuda.reset();
  }

  @AfterEach
  void forgetCalls() {
    SimCuda.reset();
  }

  private static float[] embed(CudaEngine engine, Features features) {
    return engine.embedFeatures(List.of(features)).get(0);
  }

  /**
   * Of many lanes each has little memory for rows that are shared, but a long row may take all.
   * Bits are promised within one tuning, of our own kernels; NVIDIA's libraries promise none, but
   * those of the software device, where this runs, sum in one order whatever the size.
   */
  @Test
  void aRowBeyondTheBucketsIsExactAndNotCaptured() {
    Features beyond = TestEngines.features(200, new Random(3));
    float[] expected;
    try (CudaEngine engine = TestEngines.open(model, TestEngines.precision(), 1)) {
      expected = embed(engine, beyond);
      engine.awaitCaptures();
    }
    SimCuda.reset();
    Tuning tuning = TestEngines.tuning(model, TestEngines.precision());
    // Half the memory is for shared rows, one a lane; libraries have packed tensors and scratch
    // too.
    long laneBytes = (512 << 10) + scratchOfLibraries(tuning);
    try (CudaEngine engine = TestEngines.open(model, 8, tuning, 2 * 8 * laneBytes)) {
      assertTrue(
          engine.rows().maxColumns() < beyond.frames(), "maxColumns=" + engine.rows().maxColumns());
      long pinned = SimCuda.live("pinned buffer");
      for (int round = 0; round < 2; round++) {
        assertArrayEquals(expected, embed(engine, beyond));
        engine.awaitCaptures();
        assertEquals(pinned, SimCuda.live("pinned buffer"));
      }
      List<float[]> inCompany = engine.embedFeatures(List.of(clip, beyond, clip));
      assertArrayEquals(expected, inCompany.get(1));
      assertArrayEquals(inCompany.get(0), inCompany.get(2));
      assertEquals(0, SimCuda.calls("cuGraphLaunch"));
    }
    SimCuda.requireNothingLeft();
  }

  private static long scratchOfLibraries(Tuning tuning) {
    long packed = 512 << 10;
    return tuning.choices().values().stream()
        .mapToLong(
            choice ->
                choice.startsWith("cudnn-")
                    ? CudnnLayer.WORKSPACE_BYTES + packed
                    : choice.startsWith("cublas") ? CublasGemm.WORKSPACE_BYTES + packed : 0)
        .max()
        .orElse(0);
  }
}
