package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.OnSimCuda;
import io.voiceprint.simcuda.SimCuda;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tiles, and blocks at once, follow a card's multiprocessors and shared memory. What they compute
 * does not: a card like an H200 gives the bits of the small one.
 */
@ExtendWith(OnSimCuda.class)
class LargeCardTest {
  private static final int H200 = 90;

  private final Random random = new Random(7);
  private final SpeakerModel model =
      SpeakerModel.seeded(
          new Res2NetArchitecture(
              Family.ERES2NET, 80, 16, List.of(1, 1, 1, 1), 16, 2, 2, Pooling.TSTP, 16, false),
          7);
  private final List<Features> clips =
      List.of(TestEngines.features(17, random), TestEngines.features(9, random));

  @ParameterizedTest
  @CsvSource({
    "FP32, ''",
    "FP32, block-8x16",
    "TF32, ''",
    "FP16, ''",
    "FP16, kernel-mma_persistent",
    "FP16, 'block-8x16,fused-mma,downsample-8x8'"
  })
  void theBitsAreThoseOfASmallCard(Precision precision, String forced) {
    List<float[]> small = embeddings(model, precision, forced(model, precision, forced), clips);
    SimCuda.card(H200);
    assertEquals(132, TestEngines.device().multiprocessors());
    List<float[]> large = embeddings(model, precision, forced(model, precision, forced), clips);
    for (int i = 0; i < clips.size(); i++) {
      assertArrayEquals(small.get(i), large.get(i), "clip " + i);
    }
  }

  /** Blocks and fusions of 512 channels take more shared memory than a small card gives. */
  @ParameterizedTest
  @CsvSource({
    "FP16, 'block-4x8,downsample-8x8', 'block-,fused-mma'",
    "TF32, 'block-4x4,downsample-2x8', 'block-,fused-mma'",
    "FP32, 'block-4x4,downsample-2x8', 'block-,fused'"
  })
  void whatOnlyALargeCardFusesHasTheBitsOfSeparateKernels(
      Precision precision, String widest, String forced) {
    SpeakerModel base =
        SpeakerModel.seeded(
            new Res2NetArchitecture(
                Family.ERES2NET, 80, 32, List.of(1, 1, 1, 2), 32, 2, 2, Pooling.TSTP, 16, false),
            7);
    List<Features> shortest = clips.subList(1, 2);
    Tuning onSmall = forced(base, precision, forced);
    float[] small = embeddings(base, precision, onSmall, shortest).get(0);
    SimCuda.card(H200);
    Tuning onLarge = forced(base, precision, widest + ',' + forced);
    assertTrue(onLarge.choices().size() > onSmall.choices().size(), onLarge::toString);
    assertArrayEquals(small, embeddings(base, precision, onLarge, shortest).get(0));
  }

  /** Twice, so that the graph runs too. */
  private static List<float[]> embeddings(
      SpeakerModel model, Precision precision, Tuning tuning, List<Features> clips) {
    try (CudaEngine engine =
        CudaEngine.open(
            TestEngines.device(), model.graph(), model.frontEnd(), precision, 1, tuning)) {
      List<float[]> first = engine.embedFeatures(clips);
      engine.awaitCaptures();
      List<float[]> replayed = engine.embedFeatures(clips);
      for (int i = 0; i < clips.size(); i++) {
        assertArrayEquals(first.get(i), replayed.get(i), "clip " + i);
      }
      return first;
    }
  }

  private static Tuning forced(SpeakerModel model, Precision precision, String wanted) {
    if (wanted.isEmpty()) {
      return Tuning.NONE;
    }
    try (Tuner tuner =
        new Tuner(TestEngines.device(), model.graph(), model.frontEnd(), precision)) {
      Tuning tuning = Tuning.forcing(tuner.choices(true), List.of(wanted.split(",")));
      assertFalse(tuning.choices().isEmpty(), "nothing is named " + wanted);
      return tuning;
    }
  }
}
