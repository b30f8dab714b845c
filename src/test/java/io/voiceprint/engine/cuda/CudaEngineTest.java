package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

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
    return some(family());
  }

  static List<String> temporalModels() {
    return some(temporal());
  }

  static List<String> family() {
    return present(
        everything() ? Golden.RES2NET_FAMILY : List.of("eres2net_micro", "eres2net_odd"));
  }

  static List<String> temporal() {
    return present(Golden.TEMPORAL);
  }

  /** A copy of the reference data for a machine with a GPU leaves large models out. */
  private static List<String> present(List<String> models) {
    List<String> wanted = List.of(System.getProperty("cuda.models", "").split(","));
    return models.stream()
        .filter(Golden::has)
        .filter(model -> wanted.contains("") || wanted.contains(model))
        .toList();
  }

  /** Those of {@link #family()} that the software device gets have no data for their stages. */
  protected static List<String> staged() {
    return some(
        present(EngineContract.staged()).stream()
            .filter(model -> everything() || model.equals("eres2netv2_tiny"))
            .toList());
  }

  /** The same; skips the test, saying why, if there are none. */
  static <T> List<T> some(List<T> wanted) {
    assumeFalse(
        wanted.isEmpty(),
        () ->
            "no model for this test: -Dcuda.models=%s, reference data in %s"
                .formatted(System.getProperty("cuda.models", ""), Golden.root()));
    return wanted;
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
