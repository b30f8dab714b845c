package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.engine.Precision;
import io.voiceprint.log.RecordedLog;
import io.voiceprint.model.RandomModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EngineSelectionTest {
  @ParameterizedTest
  @EnumSource(names = {"CUDA", "CPU"})
  void aDeviceThatIsMissingIsAnErrorBeforeTheModelIsRead(Device device) {
    assumeTrue(EngineSelection.missing(device).isPresent(), device + " is present");
    EncoderOptions options = EncoderOptions.DEFAULTS.withDevice(device);
    UnusableDeviceException missing =
        assertThrows(
            UnusableDeviceException.class,
            () -> SpeakerEncoder.open(Path.of("missing.ckpt"), options));
    assertEquals(
        "device %s: %s; use another device, or auto for the best one present"
            .formatted(device, EngineSelection.missing(device).orElseThrow()),
        missing.getMessage());
  }

  @Test
  void autoSaysWhatItChoseAndWhy() {
    assumeTrue(missingAll().size() == 2, "a device other than the reference is present");
    try (RecordedLog log = RecordedLog.open();
        SpeakerEncoder encoder =
            SpeakerEncoder.open(
                RandomModels.next(new Random(1)), EncoderOptions.DEFAULTS.withThreads(1))) {
      assertEquals("reference (plain Java), 1 threads", encoder.device());
      assertEquals(
          List.of("device auto chose reference: " + String.join("; ", missingAll())),
          log.messages());
    }
  }

  /** No device before the reference computes in tf32 on a machine without a GPU. */
  @Test
  void autoPassesOverDevicesThatLackThePrecision() {
    assumeTrue(EngineSelection.missing(Device.CUDA).isPresent(), "cuda is present");
    EncoderOptions options = EncoderOptions.DEFAULTS.withPrecision(Precision.TF32).withThreads(1);
    try (SpeakerEncoder encoder = SpeakerEncoder.open(RandomModels.next(new Random(1)), options)) {
      assertEquals("reference (plain Java), 1 threads", encoder.device());
    }
    EncoderOptions cpu = options.withDevice(Device.CPU);
    UnusableDeviceException refused =
        assertThrows(
            UnusableDeviceException.class,
            () -> SpeakerEncoder.open(RandomModels.next(new Random(1)), cpu));
    assertTrue(
        refused.getMessage().contains("does not compute in tf32")
            || EngineSelection.missing(Device.CPU).isPresent(),
        refused.getMessage());
  }

  private static List<String> missingAll() {
    return Stream.of(Device.CUDA, Device.CPU)
        .flatMap(device -> EngineSelection.missing(device).stream())
        .toList();
  }

  @Test
  void everyDeviceIsAccountedForInTheOrderOfAuto() {
    List<DeviceAvailability> all = DeviceAvailability.all();
    assertEquals(
        List.of(Device.CUDA, Device.CPU, Device.REFERENCE),
        all.stream().map(DeviceAvailability::device).toList());
    for (DeviceAvailability each : all) {
      assertEquals(EngineSelection.missing(each.device()), each.missing());
    }
    assertEquals(Optional.empty(), all.get(2).missing());
  }

  @Test
  void theDeviceAskedForNeedsNoExplanation() {
    try (RecordedLog log = RecordedLog.open();
        SpeakerEncoder encoder =
            SpeakerEncoder.open(
                RandomModels.next(new Random(1)),
                EncoderOptions.DEFAULTS.withDevice(Device.REFERENCE).withThreads(2))) {
      assertEquals("reference (plain Java), 2 threads", encoder.device());
      assertEquals(List.of(), log.messages());
    }
  }
}
