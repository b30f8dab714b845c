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
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tiles, and blocks at once, follow a card's multiprocessors and shared memory. What they compute
 * does not: cards like an H200 and a T4 give the bits of the small one.
 */
@ExtendWith(OnSimCuda.class)
class OtherCardsTest {
  private static final int H200 = 90;
  private static final int T4 = 75;

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
    "90, 132, FP32, ''",
    "90, 132, FP32, block-8x16",
    "90, 132, TF32, ''",
    "90, 132, FP16, ''",
    "90, 132, FP16, kernel-mma_persistent",
    "90, 132, FP16, 'block-8x16,fused-mma,downsample-8x8'",
    "75, 40, FP32, ''",
    "75, 40, FP16, ''",
    "75, 40, FP16, 'block-4x8,fused-mma,downsample-2x8'"
  })
  void theBitsAreThoseOfASmallCard(
      int card, int multiprocessors, Precision precision, String forced) {
    List<float[]> small = embeddings(model, precision, forced(model, precision, forced), clips);
    SimCuda.card(card);
    assertEquals(multiprocessors, TestEngines.device().multiprocessors());
    List<float[]> other = embeddings(model, precision, forced(model, precision, forced), clips);
    for (int i = 0; i < clips.size(); i++) {
      assertArrayEquals(small.get(i), other.get(i), "clip " + i);
    }
  }

  /** Its tensor cores take float16 alone. */
  @Test
  void onTuringTf32IsFloat32() {
    SimCuda.card(T4);
    List<float[]> exact = embeddings(model, Precision.FP32, Tuning.NONE, clips);
    List<float[]> tf32 = embeddings(model, Precision.TF32, Tuning.NONE, clips);
    for (int i = 0; i < clips.size(); i++) {
      assertArrayEquals(exact.get(i), tf32.get(i), "clip " + i);
    }
  }

  /** What a card cannot compute, {@code voiceprint tune --explain} gives the reason for. */
  @ParameterizedTest
  @CsvSource({
    "75, TF32, conv TF32, kernel-mma, tensor cores take TF32 from compute capability 8.0 on",
    "75, TF32, fusion TF32, fused-mma, this device's tensor cores do not take TF32",
    "75, FP16, conv FP16, kernel-mma_wide, 'a block needs 75776 bytes of shared memory, this device gives 65536'",
    "86, FP16, block FP16, block-4x4, '8 channels, not a multiple of 16'",
    "75, FP32, block FP32, block-8x16, 'a block needs * bytes of shared memory, this device gives 65536'",
    "75, FP16, downsample FP16, downsample-8x8, 'a block needs * bytes of shared memory, this device gives 65536'",
  })
  void whatACardCannotComputeHasAReason(
      int card, Precision precision, String kind, String candidate, String why) {
    SimCuda.card(card);
    SpeakerModel wide =
        SpeakerModel.seeded(
            new Res2NetArchitecture(
                Family.ERES2NET, 80, 16, List.of(1, 1, 1, 1), 32, 4, 2, Pooling.TSTP, 16, false),
            7);
    try (Tuner tuner = new Tuner(TestEngines.device(), wide.graph(), wide.frontEnd(), precision)) {
      List<LayerTimes> layers =
          tuner.layers(false).stream().filter(layer -> layer.layer().startsWith(kind)).toList();
      String pattern = Pattern.quote(why).replace("*", "\\E\\d+\\Q");
      assertTrue(
          layers.stream()
              .anyMatch(layer -> layer.obstacles().getOrDefault(candidate, "").matches(pattern)),
          layers::toString);
      for (LayerTimes layer : layers) {
        assertFalse(
            tuner.choices(false).get(layer.layer()).stream()
                .anyMatch(layer.obstacles()::containsKey),
            layer::toString);
      }
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
