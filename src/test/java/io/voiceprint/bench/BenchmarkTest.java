package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BenchmarkTest {
  private static final EncoderOptions OPTIONS =
      EncoderOptions.DEFAULTS.withDevice(Device.REFERENCE).withThreads(1);

  private static BenchmarkPlan plan(List<Integer> batches, List<Double> seconds) {
    return new BenchmarkPlan(
        OPTIONS,
        List.of(Precision.FP32),
        batches,
        seconds,
        false,
        Duration.ZERO,
        Duration.ofNanos(1));
  }

  @Test
  void measuresEveryWorkloadAfterCheckingEveryLength() {
    SpeakerModel model = RandomModels.next(new Random(1));
    BenchmarkPlan plan = plan(List.of(1, 2), List.of(0.3, 0.5));
    BenchmarkRun run = new Benchmark(model, plan, line -> {}).run().get(0);
    assertFalse(run.isRefused(), run.refused());
    assertEquals(List.of(0.3, 0.5), List.copyOf(run.checks().keySet()));
    assertEquals(
        List.of("1 x 0.3 s", "2 x 0.3 s", "1 x 0.5 s", "2 x 0.5 s"),
        run.measurements().stream().map(Measurement::workload).toList());
    for (Measurement m : run.measurements()) {
      assertTrue(m.fastestMs() <= m.p50Ms() && m.p50Ms() <= m.p90Ms(), m.toString());
      assertTrue(m.p90Ms() <= m.p99Ms() && m.p99Ms() <= m.slowestMs(), m.toString());
      assertEquals(m.batch() * m.calls() / m.elapsedSeconds(), m.clipsPerSecond(), 1e-6);
      assertEquals(
          m.audioSeconds() * m.calls() / m.elapsedSeconds(), m.audioSecondsPerSecond(), 1e-6);
    }
    assertEquals(2 * 0.5, run.measurements().get(3).audioSeconds(), 1e-9);
  }

  @Test
  void wrongNumbersAreGivenNoSpeed() throws IOException {
    Random random = new Random(2);
    SpeakerModel model = SeededNetwork.ERES2NET_MICRO.build();
    SpeakerModel other = SpeakerModel.seeded(model.architecture(), random.nextLong());
    List<BenchmarkRun> runs =
        new Benchmark(
                model,
                plan(List.of(1), List.of(0.3)),
                line -> {},
                options -> SpeakerEncoder.open(other, options))
            .run();
    assertTrue(runs.get(0).isRefused());
    assertEquals(List.of(), runs.get(0).measurements());
    BenchmarkReport report =
        new BenchmarkReport("test", Instant.EPOCH, Machine.here(), model, runs);
    assertTrue(report.text().contains("NOT MEASURED"), report.text());
    assertFalse(report.text().contains("p50"), report.text());
    assertFalse(report.json().contains("p50"), report.json());
  }

  @Test
  void workloadsAreTheSameEachTime() {
    Workload mixed = Workload.mixed(16000);
    assertEquals(64, mixed.batch());
    for (int i = 0; i < 64; i++) {
      double seconds = mixed.clips().get(i).seconds();
      assertTrue(seconds >= 1 && seconds <= 10, "clip of " + seconds);
      assertEquals(seconds, Workload.mixed(16000).clips().get(i).seconds());
    }
    Workload pair = Workload.of(2, 1, 16000);
    float[] first = pair.clips().get(0).samples();
    assertEquals(16000, first.length);
    assertEquals(0, Arrays.compare(first, Workload.of(1, 1, 16000).clips().get(0).samples()));
    assertFalse(Arrays.equals(first, pair.clips().get(1).samples()));
  }

  @Test
  void aPlanSaysWhatIsOutOfRange() {
    assertThrows(IllegalArgumentException.class, () -> plan(List.of(0), List.of(3.0)));
    assertThrows(IllegalArgumentException.class, () -> plan(List.of(1), List.of(Double.NaN)));
    assertThrows(IllegalArgumentException.class, () -> plan(List.of(), List.of(3.0)));
    assertEquals(64, plan(List.of(1, 64), List.of(3.0)).options().batchUtterances());
    assertEquals(192, plan(List.of(1, 64), List.of(3.0)).options().batchSeconds());
  }
}
