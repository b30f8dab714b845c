package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.engine.Precision;
import java.util.Optional;

/** Skips tests where oneDNN cannot be used, and says why. */
final class OneDnnAvailable {
  private OneDnnAvailable() {}

  static void assume() {
    Optional<String> reason = CpuEngine.unavailableReason();
    if (Boolean.getBoolean("require.onednn")) {
      assertTrue(reason.isEmpty(), () -> reason.orElse(""));
    }
    assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
  }

  static void assume(Precision precision) {
    assume();
    assumeTrue(CpuEngine.supports(precision), "this processor does not multiply " + precision);
  }
}
