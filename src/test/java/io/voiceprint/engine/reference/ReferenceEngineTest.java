package io.voiceprint.engine.reference;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineContract;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Graph;

class ReferenceEngineTest extends EngineContract {
  @Override
  protected Engine open(Graph graph, FbankOptions frontEnd) {
    return new ReferenceEngine(graph, frontEnd, Precision.FP32, 2);
  }
}
