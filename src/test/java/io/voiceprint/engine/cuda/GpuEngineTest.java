package io.voiceprint.engine.cuda;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineContract;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Graph;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** The contract on a GPU; see {@link Gpu}. */
@Tag("gpu")
class GpuEngineTest extends EngineContract {
  static List<String> models() {
    return Gpu.models();
  }

  @Override
  protected Engine open(Graph graph, FbankOptions frontEnd) {
    return CudaEngine.open(Gpu.require(), graph, frontEnd, Precision.FP32, 2, Tuning.NONE);
  }
}
