package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.simcuda.SimCuda;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OldDriverTest {
  /** In a process of its own, since the software device reads its version from the environment. */
  @Test
  void aDriverThatIsTooOldIsRefusedWithBothVersions() throws IOException {
    SimCuda.require();
    String refused = ChildProcess.java(Map.of("SIMCUDA_DRIVER", "11080"), Devices.class, List.of());
    assertTrue(
        refused.contains(
            "the NVIDIA driver supports CUDA 11.8 but at least 12.0 (driver 525) is needed"),
        refused);
    String accepted =
        ChildProcess.java(Map.of("SIMCUDA_DRIVER", "12000"), Devices.class, List.of());
    assertTrue(accepted.contains("found 1"), accepted);
  }

  /** Looks for devices. */
  static final class Devices {
    private Devices() {}

    public static void main(String[] arguments) {
      try {
        System.out.println("found " + CudaDevice.list().size());
      } catch (CudaException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
