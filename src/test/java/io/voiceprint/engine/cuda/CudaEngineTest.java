package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineContract;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.golden.Golden;
import io.voiceprint.graph.Graph;
import java.util.List;
import org.junit.jupiter.api.Tag;

/**
 * The contract on the software device, or on a GPU. The software device is slow: it gets small
 * networks and clips of up to a second, unless {@code -Dcuda.all=true} asks for everything but the
 * minute-long clip, or clips of at most {@code -Dcuda.longest} frames. {@code
 * -Dcuda.models=eres2net_odd,res2net_tiny} leaves the other models out; a test that has none left
 * is skipped.
 */
@Tag("gpu")
class CudaEngineTest extends EngineContract {
  static List<String> models() {
    return present(
        everything() ? Golden.RES2NET_FAMILY : List.of("eres2net_micro", "eres2net_odd"));
  }

  static List<String> temporalModels() {
    return present(Golden.TEMPORAL);
  }

  /** Those of {@link #models()} that the software device gets have no data for their stages. */
  protected static List<String> staged() {
    return present(
        EngineContract.staged().stream()
            .filter(model -> everything() || model.equals("eres2netv2_tiny"))
            .toList());
  }

  /**
   * A copy of the reference data for a machine with a GPU leaves large models out. Where none is
   * left it is all of them, so that each test says why it is skipped.
   */
  private static List<String> present(List<String> models) {
    List<String> left =
        models.stream().filter(Golden::has).filter(CudaEngineTest::isWanted).toList();
    return left.isEmpty() ? models : left;
  }

  private static boolean isWanted(String model) {
    List<String> wanted = List.of(System.getProperty("cuda.models", "").split(","));
    return wanted.contains("") || wanted.contains(model);
  }

  /** Skips the test, saying why, if a model was left out. */
  static void assumePresent(String model) {
    assumeTrue(
        isWanted(model),
        () -> model + " is not among -Dcuda.models=" + System.getProperty("cuda.models"));
    assumeTrue(Golden.has(model), model + " is not in this copy of the reference data");
  }

  @Override
  protected void need(String model) {
    assumePresent(model);
  }

  static boolean everything() {
    return Boolean.getBoolean("cuda.all") || !TestEngines.isSlow();
  }

  @Override
  protected int longestFrames() {
    if (!TestEngines.isSlow()) {
      return super.longestFrames();
    }
    return everything() ? Integer.getInteger("cuda.longest", 1000) : 100;
  }

  @Override
  protected Engine open(Graph graph, FbankOptions frontEnd) {
    return TestEngines.open(graph, frontEnd, Precision.FP32, 2);
  }
}
