package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.voiceprint.audio.ChannelChoice;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.Pooling;
import java.time.Duration;
import java.util.List;
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
            .withGpus(2, 0)
            .withPrecision(Precision.FP16)
            .withThreads(3)
            .withLanes(2)
            .withBatch(7, 2.5)
            .withQueue(9)
            .withMaxDelay(Duration.ofMillis(7))
            .withChannel(ChannelChoice.MIX)
            .withPooling(Pooling.TAP);
    assertEquals(
        new EncoderOptions(
            Device.CUDA,
            List.of(2, 0),
            Precision.FP16,
            3,
            2,
            7,
            2.5,
            9,
            Duration.ofMillis(7),
            ChannelChoice.MIX,
            Optional.of(Pooling.TAP)),
        changed);
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertRefused("threads=0 must be 1 to 1024", () -> DEFAULTS.withThreads(0));
    assertRefused("threads=1025 must be 1 to 1024", () -> DEFAULTS.withThreads(1025));
    assertRefused("lanes=0 must be 1 to threads=2", () -> DEFAULTS.withThreads(2).withLanes(0));
    assertRefused(
        "lanes=2 must be 1 to threads=1",
        () -> DEFAULTS.withThreads(2).withLanes(2).withThreads(1));
    assertRefused("batchUtterances=-1 must be 1 to 4096", () -> DEFAULTS.withBatch(-1, 1));
    assertRefused("queueUtterances=0 must be 1 to 1000000", () -> DEFAULTS.withQueue(0));
    assertRefused(
        "maxDelay=PT-0.001S must be PT0S to PT10S",
        () -> DEFAULTS.withMaxDelay(Duration.ofMillis(-1)));
    assertRefused(
        "maxDelay=PT10.001S must be PT0S to PT10S",
        () -> DEFAULTS.withMaxDelay(Duration.ofMillis(10_001)));
    assertRefused("gpus=[1, 1] must be different numbers from 0 on", () -> DEFAULTS.withGpus(1, 1));
    assertRefused("gpus=[-1] must be different numbers from 0 on", () -> DEFAULTS.withGpus(-1));
    assertThrows(NullPointerException.class, () -> DEFAULTS.withDevice(null));
  }

  @Test
  void onlyCudaHasGpus() {
    assertEquals(Device.CUDA, DEFAULTS.withGpus(1).device());
    assertEquals(List.of(), DEFAULTS.withGpus(1).withDevice(Device.CPU).gpus());
    assertRefused(
        "gpus=[1] need the device cuda, not cpu",
        () ->
            new EncoderOptions(
                Device.CPU,
                List.of(1),
                Precision.FP32,
                1,
                1,
                1,
                1,
                1,
                Duration.ZERO,
                ChannelChoice.FIRST,
                Optional.empty()));
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
