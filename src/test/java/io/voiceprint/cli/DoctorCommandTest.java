package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.voiceprint.Device;
import io.voiceprint.DeviceAvailability;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** On a machine without a GPU; {@code DiagnosisOnDeviceTest} has one. */
final class DoctorCommandTest {
  private static void assumeNoGpu() {
    assumeFalse(
        DeviceAvailability.all().stream()
            .anyMatch(each -> each.device() == Device.CUDA && each.isAvailable()),
        "this machine has a GPU");
  }

  @Test
  void saysWhatIsMissingAndWhatWorks() {
    assumeNoGpu();
    CliRun run = CliRun.of("doctor", "-q");
    assertEquals(3, run.exitCode(), run.err());
    assertEquals("", run.err());
    String reason =
        DeviceAvailability.all().stream()
            .filter(each -> each.device() == Device.CUDA)
            .findFirst()
            .flatMap(DeviceAvailability::missing)
            .orElseThrow();
    assertTrue(run.out().contains("cuda       no: " + reason), run.out());
    assertTrue(run.out().contains("reference  yes"), run.out());
    assertTrue(run.out().contains("at least 12.0 is needed"), run.out());
    assertTrue(run.out().contains("CUDA cannot be used here"), run.out());
  }

  @Test
  @SuppressWarnings("unchecked")
  void tellsProgramsTheSame() {
    assumeNoGpu();
    CliRun run = CliRun.of("doctor", "--json", "-q");
    assertEquals(3, run.exitCode(), run.err());
    Map<String, Object> report = Json.object(run.out());
    assertEquals(false, report.get("cuda_usable"));
    Map<String, Object> cuda = (Map<String, Object>) report.get("cuda");
    assertEquals("12.0", cuda.get("minimum_driver"));
    assertEquals(List.of(), cuda.get("gpus"));
    assertFalse(((List<Object>) cuda.get("problems")).isEmpty());
    List<Map<String, Object>> libraries = (List<Map<String, Object>>) cuda.get("libraries");
    assertEquals(
        List.of("driver", "cublas", "cufft", "nvrtc", "cudnn"),
        libraries.stream().map(library -> library.get("name")).toList());
    for (Map<String, Object> library : libraries) {
      boolean usable = (boolean) library.get("usable");
      assertEquals(usable, library.get("problem").toString().isEmpty(), library.toString());
    }
  }

  @Test
  void aModelOrSampleThatIsNotThereIsNamed() {
    CliRun model = CliRun.of("doctor", "--model", "none.ckpt");
    assertEquals(3, model.exitCode());
    assertTrue(model.err().contains("none.ckpt"), model.err());
    CliRun sample = CliRun.of("doctor", "-q", "--sample", "none.wav");
    assertEquals(1, sample.exitCode());
    assertEquals("voiceprint: none.wav: no such file\n", sample.err());
  }
}
