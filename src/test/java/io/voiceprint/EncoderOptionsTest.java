package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.voiceprint.audio.ChannelChoice;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.Pooling;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncoderOptionsTest {
  private static final EncoderOptions DEFAULTS = EncoderOptions.DEFAULTS;

  @Test
  void eachWitherChangesItsOwn() {
    EncoderOptions changed =
        DEFAULTS
            .withDevice(Device.REFERENCE)
            .withPrecision(Precision.FP16)
            .withThreads(3)
            .withBatch(7, 2.5)
            .withQueue(9)
            .withChannel(ChannelChoice.MIX)
            .withPooling(Pooling.TAP);
    assertEquals(
        new EncoderOptions(
            Device.REFERENCE,
            Precision.FP16,
            3,
            7,
            2.5,
            9,
            ChannelChoice.MIX,
            Optional.of(Pooling.TAP)),
        changed);
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertRefused("threads=0 must be 1 to 1024", () -> DEFAULTS.withThreads(0));
    assertRefused("threads=1025 must be 1 to 1024", () -> DEFAULTS.withThreads(1025));
    assertRefused("batchUtterances=-1 must be 1 to 4096", () -> DEFAULTS.withBatch(-1, 1));
    assertRefused("queueUtterances=0 must be 1 to 1000000", () -> DEFAULTS.withQueue(0));
    assertThrows(NullPointerException.class, () -> DEFAULTS.withDevice(null));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesBatchesWithoutLength(double seconds) {
    assertRefused(
        "batchSeconds=" + seconds + " must be above zero and finite",
        () -> DEFAULTS.withBatch(1, seconds));
  }

  private static void assertRefused(String message, Runnable change) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, change::run).getMessage());
  }
}
