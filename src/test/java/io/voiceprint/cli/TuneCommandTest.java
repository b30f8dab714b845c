package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.voiceprint.Device;
import io.voiceprint.DeviceAvailability;
import org.junit.jupiter.api.Test;

/** On a machine without a GPU; {@code CudaTuningOnDeviceTest} has one. */
final class TuneCommandTest {
  @Test
  void withoutAGpuThereIsNothingToTune() {
    assumeFalse(
        DeviceAvailability.all().stream()
            .anyMatch(each -> each.device() == Device.CUDA && each.isAvailable()),
        "this machine has a GPU");
    CliRun run = CliRun.of("tune", "-q");
    assertEquals(3, run.exitCode(), run.err());
    assertEquals("", run.out());
    assertTrue(run.err().startsWith("voiceprint: no GPU to tune for: "), run.err());
  }

  @Test
  void anyNetworkCanBeAskedForButNotTwo() {
    CliRun run = CliRun.of("tune", "-q", "--arch", "eres2net-micro", "--seconds", "0.05");
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains("--seconds 0.05"), run.err());
    CliRun both = CliRun.of("tune", "--arch", "eres2net-micro", "--model", CliRun.DEMO_MODEL);
    assertEquals(2, both.exitCode(), both.err());
    assertTrue(both.err().contains("mutually exclusive"), both.err());
  }

  @Test
  void aClipTooShortForTheNetworkIsWrongUsage() {
    CliRun run = CliRun.of("tune", "-q", "--seconds", "0.05");
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains("--seconds 0.05"), run.err());
  }
}
