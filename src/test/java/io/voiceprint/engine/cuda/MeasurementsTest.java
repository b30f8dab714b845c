package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasurementsTest {

  @Test
  void theQuickestRunOfEachCandidateIsCompared() {
    Measurements measurements = new Measurements();
    measurements.note("layer", "kernel-simt", 8);
    measurements.note("layer", "kernel-mma", 9);
    measurements.note("layer", "kernel-mma", 5);
    measurements.note("layer", "kernel-mma", 7);
    measurements.note("block", "separate", 3);
    measurements.failed("layer", "cudnn-GEMM", "no workspace");
    assertEquals(Map.of("layer", "kernel-mma", "block", "separate"), measurements.choices());
    assertEquals(5, measurements.fastest("layer"));
    Candidates candidates =
        new Candidates(
            List.of("conv1", "conv2", "conv3", "conv4"),
            List.of("kernel-simt", "kernel-mma", "cudnn-GEMM"),
            Map.of("kernel-mma_wide", "too wide"));
    assertEquals(
        List.of(
            "layer: conv1, conv2, conv3 and 1 more",
            "  kernel-mma                          5.0 us  chosen",
            "  kernel-simt                         8.0 us  usual",
            "  cudnn-GEMM                   not possible: no workspace",
            "  kernel-mma_wide              not possible: too wide"),
        measurements.times("layer", candidates).text().lines().toList());
  }
}
