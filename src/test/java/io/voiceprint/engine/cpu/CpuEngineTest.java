package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineContract;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Graph;

class CpuEngineTest extends EngineContract {
  @Override
  protected Engine open(Graph graph, FbankOptions frontEnd) {
    assumeTrue(
        CpuEngine.unavailableReason().isEmpty(), () -> CpuEngine.unavailableReason().orElse(""));
    return new CpuEngine(graph, frontEnd, Precision.FP32, 2);
  }
}
