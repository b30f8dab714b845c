package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.golden.Golden;
import java.nio.file.Files;
import java.util.List;

/**
 * The GPU for tests tagged {@code gpu}: the first there is. Without one a test is skipped with the
 * reason, or fails with {@code -Drequire.cuda=true}. The software device, which has tests of its
 * own, counts only with {@code -Dgpu.software=true}.
 */
final class Gpu {
  private static final String SOFTWARE_DEVICE = "simcuda software device";

  private Gpu() {}

  static CudaDevice require() {
    CudaEngines.Availability found = CudaEngines.probe();
    if (!found.isAvailable()) {
      throw skip("no GPU: " + String.join("; ", found.reasons()));
    }
    CudaDevice device = found.devices().get(0);
    if (device.name().equals(SOFTWARE_DEVICE) && !Boolean.getBoolean("gpu.software")) {
      throw skip("no GPU but the software device; -Dgpu.software=true takes it for one");
    }
    return device;
  }

  private static AssertionError skip(String reason) {
    assertFalse(Boolean.getBoolean("require.cuda"), reason);
    assumeTrue(false, reason);
    return new AssertionError("unreachable");
  }

  /**
   * Those models of the reference data that lie there: a copy may leave large ones out. {@code
   * -Dgpu.models=a,b} takes only these.
   */
  static List<String> models() {
    String chosen = System.getProperty("gpu.models", "");
    return Golden.RES2NET_FAMILY.stream()
        .filter(model -> chosen.isEmpty() || List.of(chosen.split(",")).contains(model))
        .filter(model -> Files.exists(Golden.model(model).resolve("model.ckpt")))
        .toList();
  }
}
