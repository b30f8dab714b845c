package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.engine.DeviceLimits;
import io.voiceprint.engine.Precision;
import io.voiceprint.simcuda.OnSimCuda;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** All that is measured of the CUDA engine, on the software device: its times mean nothing. */
@ExtendWith(OnSimCuda.class)
class BenchmarkOnDeviceTest {
  @Test
  void theCudaEngineIsMeasuredWithCeilingProfileAndMemory() {
    BenchmarkPlan plan =
        new BenchmarkPlan(
            EncoderOptions.DEFAULTS.withDevice(Device.CUDA),
            List.of(Precision.FP16),
            Boundary.PCM,
            List.of(1, 2),
            List.of(0.3),
            Optional.empty(),
            List.of(new Load(1, 0, Arrivals.POISSON)),
            Duration.ZERO,
            Duration.ofMillis(1),
            0,
            true);
    MeasuredNetwork network = MeasuredNetwork.of(SeededNetwork.ERES2NET_MICRO);
    List<EngineRun> runs = new Benchmark(network, plan, line -> {}).run(List.of());
    assertEquals(1, runs.size());
    EngineRun run = runs.get(0);
    assertFalse(run.isRefused(), run.refused());
    assertEquals(2, run.results().size());
    assertTrue(run.ceiling().orElseThrow().gflopPerSecond() > 0);
    DeviceLimits device = run.ceiling().orElseThrow().device().orElseThrow();
    assertPositive(device.bytesPerSecond());
    assertPositive(device.launchNanos());
    assertPositive(device.graphLaunchNanos());
    assertTrue(run.memory().orElseThrow().device().orElseThrow() > 0);
    Profile profile = run.profile().orElseThrow();
    assertEquals(network.model().graph().nodes().size(), profile.layers().size());
    assertTrue(profile.totalMs() > 0);
    assertTrue(profile.passMs() > 0);
    String text = ProfileText.of(profile, run.ceiling());
    assertTrue(text.contains("timed launch by launch") && text.contains("one CUDA graph"), text);
    assertTrue(text.contains(String.format(Locale.ROOT, "a whole pass %.3f ms", profile.passMs())));
    assertTrue(text.contains("ms of %d launches in a CUDA graph".formatted(profile.launches())));
    assertTrue(profile.launches() > network.model().graph().nodes().size() / 2, text);
    sharesAreBytesByTimeByCeiling(network, run);
  }

  /** As they are written. */
  private static void sharesAreBytesByTimeByCeiling(MeasuredNetwork network, EngineRun run) {
    DeviceLimits device = run.ceiling().orElseThrow().device().orElseThrow();
    Map<String, Object> profile = new ProfileTree(network, run, run.profile().orElseThrow()).of();
    Map<?, ?> least = (Map<?, ?>) profile.get("least_ms");
    assertEquals(
        (int) profile.get("launches") * device.graphLaunchNanos() * 1e-6,
        (double) least.get("launches"),
        1e-9);
    int timed = 0;
    double memory = 0;
    for (Object each : (List<?>) profile.get("layers")) {
      Map<?, ?> layer = (Map<?, ?>) each;
      double ms = (double) layer.get("ms");
      memory += 1e3 * (long) layer.get("bytes") / device.bytesPerSecond();
      if (layer.containsKey("limit")) {
        timed++;
        double bytesPerSecond = 1e3 * (long) layer.get("bytes") / ms;
        double share = (double) layer.get("share_of_memory_ceiling");
        assertPositive(share);
        assertEquals(bytesPerSecond / device.bytesPerSecond(), share, 1e-9 * share);
        assertEquals(bytesPerSecond * 1e-9, (double) layer.get("gb_per_second"), 1e-6);
        assertPositive((double) layer.get("share_of_launches"));
        assertTrue((int) layer.get("launches") > 0, layer.toString());
      }
    }
    assertEquals(memory, (double) least.get("memory"), 1e-9 * memory);
    assertEquals(
        run.profile().orElseThrow().layers().stream().filter(Layer::isTimed).count(), timed);
    assertTrue(timed > 10);
  }

  private static void assertPositive(double value) {
    assertTrue(value > 0 && Double.isFinite(value), () -> "is " + value);
  }
}
