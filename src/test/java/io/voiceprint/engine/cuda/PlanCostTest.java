package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.SimCuda;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The base network's plan for three seconds may become smaller, never larger. */
class PlanCostTest {
  private static final int FRAMES = 298;

  private final SpeakerModel base =
      SpeakerModel.seeded(
          new Res2NetArchitecture(
              Family.ERES2NET, 80, 32, List.of(3, 4, 6, 3), 32, 2, 2, Pooling.TSTP, 512, false),
          1);

  private PlanCost cost(Tuning tuning) {
    return PlanCost.of(
        TestEngines.device(), base.graph(), base.frontEnd(), Precision.FP16, tuning, FRAMES);
  }

  @Test
  void theUsualPlanDoesNotGrow() {
    PlanCost cost = cost(Tuning.NONE);
    assertTrue(cost.graphNodes() <= 121, cost::table);
    assertTrue(cost.kinds().stream().noneMatch(kind -> kind.name().equals("residual block")));
    assertTrue(cost.deviceBytes() <= 197_100_000, cost::table);
    assertEquals(0, uncounted(cost), cost::table);
  }

  /** A product and its epilogue for each of 71 convolutions; 16 inputs are packed before. */
  @Test
  void withCudnnItWouldTakeTwoHundredNodes() {
    PlanCost cost = cost(forcing("cudnn-"));
    assertEquals(208, cost.graphNodes(), cost::table);
    assertEquals(71, uncounted(cost), cost::table);
  }

  /** Two kernels around five transforms of 64 frames: nothing of them is on the device. */
  @Test
  void aFrontEndOfOtherFramesTransformsThemInPieces() {
    FbankOptions frontEnd = new FbankOptions(16_000, 320, 160, 80, 20, 0.97);
    PlanCost cost =
        PlanCost.of(
            TestEngines.device(), base.graph(), frontEnd, Precision.FP16, Tuning.NONE, FRAMES);
    assertEquals(7, uncounted(cost), cost::table);
  }

  private Tuning forcing(String candidate) {
    try (Tuner tuner =
        new Tuner(TestEngines.device(), base.graph(), base.frontEnd(), Precision.FP16)) {
      return Tuning.forcing(tuner.choices(true), List.of(candidate));
    }
  }

  @Test
  void everyFusionTogetherHalvesTheLaunchesAndTheBytes() {
    PlanCost cost = cost(fusions());
    assertTrue(cost.graphNodes() <= 33, cost::table);
    assertTrue(cost.deviceBytes() <= 81_600_000, cost::table);
    assertEquals(0, uncounted(cost), cost::table);
  }

  /** In the shared memory of an H200 there is room for each of the 16 residual blocks. */
  @Test
  void aLargeCardFusesEveryBlock() {
    SimCuda.require();
    SimCuda.card(90);
    try {
      PlanCost cost = cost(fusions());
      assertTrue(cost.graphNodes() <= 25, cost::table);
      assertTrue(cost.deviceBytes() <= 78_600_000, cost::table);
    } finally {
      SimCuda.reset();
    }
  }

  private Tuning fusions() {
    try (Tuner tuner =
        new Tuner(TestEngines.device(), base.graph(), base.frontEnd(), Precision.FP16)) {
      return tuner.fusions();
    }
  }

  @Test
  void sixteenBitsHalveTheUploadForOneMoreLaunch() {
    PlanCost floats = cost(Tuning.NONE);
    PlanCost integers =
        PlanCost.of(
            TestEngines.device(),
            base.graph(),
            base.frontEnd(),
            Precision.FP16,
            Tuning.NONE,
            FRAMES,
            Source.SAMPLES_INT16);
    assertEquals(floats.graphNodes() + 1, integers.graphNodes());
    assertEquals(0, uncounted(integers), integers::table);
    long samples = base.frontEnd().samplesFor(FRAMES);
    long saved = upload(floats) - upload(integers);
    assertTrue(saved >= 2 * samples && saved < 2.2 * samples, () -> saved + " bytes of " + samples);
  }

  private static long upload(PlanCost cost) {
    return cost.kinds().stream()
        .filter(kind -> kind.name().equals("upload"))
        .mapToLong(PlanCost.Kind::bytes)
        .sum();
  }

  private static int uncounted(PlanCost cost) {
    return cost.kinds().stream().mapToInt(PlanCost.Kind::uncounted).sum();
  }
}
