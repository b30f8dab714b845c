package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.DeviceLimits;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A device of 2 TFLOP/s and 400 GB/s, whose launches take 4 us, in a graph 1 us. */
class LeastTimesTest {
  private static final DeviceLimits DEVICE = new DeviceLimits(400e9, "a copy", 4_000, 1_000);
  private static final Ceiling CEILING = new Ceiling(2_000, "a convolution", Optional.of(DEVICE));

  private static final Layer WIDE = layer("wide", 1, 1_800_000_000, 8_000_000, 1);
  private static final Layer THIN = layer("thin", 0.1, 2_000_000, 20_000_000, 2);
  private static final Layer TINY = layer("tiny", 0.02, 0, 4_000, 3);

  private static Layer layer(String name, double ms, long flop, long bytes, int launches) {
    return new Layer(name, "conv 3x3", "8 x 8 x 8", ms, flop, bytes, launches);
  }

  private static LeastTimes of(Layer layer) {
    return LeastTimes.of(layer, CEILING, DEVICE);
  }

  @Test
  void aLayerIsNearestToWhatWouldTakeItLongest() {
    assertEquals(new LeastTimes(0.9, 0.02, 0.004), of(WIDE));
    assertEquals("arithmetic", of(WIDE).limit());
    assertEquals(new LeastTimes(0.001, 0.05, 0.008), of(THIN));
    assertEquals("memory", of(THIN).limit());
    assertEquals(0.012, of(TINY).launches(), 1e-12);
    assertEquals("launches", of(TINY).limit());
  }

  @Test
  void thoseOfAPassAreReplayedInAGraph() {
    LeastTimes pass = LeastTimes.of(List.of(WIDE, THIN, TINY), CEILING, DEVICE);
    assertEquals(0.901, pass.arithmetic(), 1e-12);
    assertEquals(0.07001, pass.memory(), 1e-12);
    assertEquals(0.006, pass.launches(), 1e-12);
  }

  @Test
  void theTableSaysAllThree() {
    Profile profile = new Profile(98, 3, List.of(WIDE, THIN, TINY), 1.2, "one by one");
    String text = ProfileText.of(profile, Optional.of(CEILING));
    assertTrue(
        text.contains(
            "0.901 ms of arithmetic, 0.070 ms of memory, 0.006 ms of 6 launches in a CUDA graph"),
        text);
    assertTrue(
        text.lines().anyMatch(line -> line.matches(" +thin .* 200\\.0 +50% +2 +8% memory")), text);
    assertTrue(
        text.lines().anyMatch(line -> line.matches(" +tiny .* 0\\.2 +0% +3 +60% launches")), text);
  }
}
