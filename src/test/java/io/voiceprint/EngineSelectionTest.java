package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.voiceprint.model.RandomModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EngineSelectionTest {
  private static final Logger LOGGER = Logger.getLogger("io.voiceprint");

  /** Keeps what is logged. */
  private static final class Memory extends Handler {
    private final List<String> messages = new ArrayList<>();

    @Override
    public void publish(LogRecord entry) {
      messages.add(new SimpleFormatter().formatMessage(entry));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @ParameterizedTest
  @EnumSource(names = {"CUDA", "CPU"})
  void aDeviceThatIsMissingIsAnErrorBeforeTheModelIsRead(Device device) {
    EncoderOptions options = EncoderOptions.DEFAULTS.withDevice(device);
    UnusableDeviceException missing =
        assertThrows(
            UnusableDeviceException.class,
            () -> SpeakerEncoder.open(Path.of("missing.ckpt"), options));
    assertEquals(
        "device %s: this build has no %s engine; use another device, or auto for the best one present"
            .formatted(device, device),
        missing.getMessage());
  }

  @Test
  void autoSaysWhatItChoseAndWhy() {
    Memory memory = new Memory();
    LOGGER.addHandler(memory);
    try (SpeakerEncoder encoder =
        SpeakerEncoder.open(
            RandomModels.next(new Random(1)), EncoderOptions.DEFAULTS.withThreads(1))) {
      assertEquals("reference (plain Java), 1 threads", encoder.device());
    } finally {
      LOGGER.removeHandler(memory);
    }
    assertEquals(
        List.of(
            "device auto chose reference: this build has no cuda engine; this build has no cpu engine"),
        memory.messages);
  }

  @Test
  void theDeviceAskedForNeedsNoExplanation() {
    Memory memory = new Memory();
    LOGGER.addHandler(memory);
    try (SpeakerEncoder encoder =
        SpeakerEncoder.open(
            RandomModels.next(new Random(1)),
            EncoderOptions.DEFAULTS.withDevice(Device.REFERENCE).withThreads(2))) {
      assertEquals("reference (plain Java), 2 threads", encoder.device());
    } finally {
      LOGGER.removeHandler(memory);
    }
    assertEquals(List.of(), memory.messages);
  }
}
