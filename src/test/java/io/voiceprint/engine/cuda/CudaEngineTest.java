package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineContract;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.golden.Golden;
import io.voiceprint.graph.Graph;
import io.voiceprint.simcuda.SimCuda;
import java.util.List;

/**
 * The contract on the software CUDA device, or on a GPU where VOICEPRINT_CUDA_PATH names none. That
 * device is slow, so the default run takes the smallest networks; {@code -Dcuda.models=all} takes
 * all.
 */
class CudaEngineTest extends EngineContract {
  static List<String> models() {
    return Boolean.getBoolean("cuda.all") ? Golden.RES2NET_FAMILY : List.of("eres2net_micro");
  }

  @Override
  protected Engine open(Graph graph, FbankOptions frontEnd) {
    SimCuda.require();
    return CudaEngine.open(
        CudaDevice.list().get(0), graph, frontEnd, Precision.FP32, 2, Tuning.NONE);
  }
}
