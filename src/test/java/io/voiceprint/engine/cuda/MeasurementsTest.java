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
    measurements.impossible("layer", "cudnn-GEMM", "no workspace");
    assertEquals(Map.of("layer", "kernel-mma", "block", "separate"), measurements.choices());
    assertEquals(5, measurements.fastest("layer"));
    List<LayerTimes> layers = measurements.layers();
    assertEquals(2, layers.size());
    assertEquals(
        List.of(
            "layer",
            "  kernel-mma                          5.0 us  chosen",
            "  kernel-simt                         8.0 us",
            "  cudnn-GEMM                   not possible: no workspace"),
        layers.get(1).text().lines().toList());
  }
}
