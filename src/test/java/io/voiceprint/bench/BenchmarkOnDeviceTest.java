package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.engine.Precision;
import io.voiceprint.simcuda.OnSimCuda;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
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
    assertTrue(run.memory().orElseThrow().device().orElseThrow() > 0);
    Profile profile = run.profile().orElseThrow();
    assertEquals(network.model().graph().nodes().size(), profile.layers().size());
    assertTrue(profile.totalMs() > 0);
    assertTrue(profile.passMs() > 0);
    String text = ProfileText.of(profile, run.ceiling());
    assertTrue(text.contains("timed launch by launch") && text.contains("one CUDA graph"), text);
    assertTrue(text.contains(String.format(Locale.ROOT, "a whole pass %.3f ms", profile.passMs())));
  }
}
