package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.process.ChildProcess;
import io.voiceprint.simcuda.SimCuda;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a driver that cannot be used says; each in a process of its own, since the software device
 * reads its version and its faults from the environment.
 */
class DriverStartTest {
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

  @ParameterizedTest
  @CsvSource({
    "SIMCUDA_DEVICES, 0, CUDA_ERROR_NO_DEVICE, CUDA_VISIBLE_DEVICES",
    "SIMCUDA_FAIL, cuInit:1:34, 34, stub",
    "SIMCUDA_FAIL, cuInit:1:802, 802, fabricmanager",
    "SIMCUDA_FAIL, cuInit:1:803, 803, restart the machine",
    "SIMCUDA_FAIL, cuInit:1:804, 804, compatibility package",
    "SIMCUDA_FAIL, cuInit:1:999, 999, nvidia-smi",
  })
  void aDriverThatDoesNotStartSaysWhatToDo(
      String variable, String value, String status, String remedy) throws IOException {
    SimCuda.require();
    String refused = ChildProcess.java(Map.of(variable, value), Devices.class, List.of());
    assertTrue(refused.contains("cuInit returned "), refused);
    assertTrue(refused.contains(status), refused);
    assertTrue(refused.contains(remedy), refused);
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
