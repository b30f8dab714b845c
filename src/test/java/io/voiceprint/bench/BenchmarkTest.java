package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Precision;
import io.voiceprint.graph.GraphCost;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BenchmarkTest {
  private static final MeasuredNetwork NETWORK = MeasuredNetwork.of(SeededNetwork.ERES2NET_MICRO);

  private static BenchmarkPlan plan(
      Boundary boundary, List<Integer> batches, List<Double> seconds, Load load) {
    return new BenchmarkPlan(
        EncoderOptions.DEFAULTS.withDevice(Device.REFERENCE).withThreads(1),
        List.of(Precision.FP32),
        boundary,
        batches,
        seconds,
        Optional.empty(),
        List.of(load),
        Duration.ZERO,
        Duration.ofNanos(1),
        0,
        false);
  }

  private static EngineRun run(BenchmarkPlan plan) {
    return new Benchmark(NETWORK, plan, line -> {}).run(List.of()).get(0);
  }

  @ParameterizedTest
  @EnumSource
  void measuresEveryWorkloadAfterCheckingEveryLength(Boundary boundary) {
    EngineRun run = run(plan(boundary, List.of(1, 2), List.of(0.3, 0.5), Load.SINGLE));
    assertEquals("", run.refused());
    assertEquals("voiceprint reference fp32", run.contestant().engine());
    assertEquals(
        List.of("1 x 0.3 s", "2 x 0.3 s", "1 x 0.5 s", "2 x 0.5 s"),
        run.results().stream().map(result -> result.workload().name()).toList());
    SpeakerModel model = NETWORK.model();
    for (Result result : run.results()) {
      assertEquals(boundary, result.boundary());
      assertEquals(References.ENGINE, result.check().orElseThrow().against());
      int clips = result.workload().batch();
      int frames = result.frames().orElseThrow();
      assertEquals(result.workload().seconds() / clips == 0.3 ? 28 : 48, frames);
      assertEquals(clips * 2.0 * GraphCost.macs(model.graph(), frames), result.flop());
      double calls = result.timing().orElseThrow().latencies().calls();
      assertEquals(clips * calls / result.seconds(), result.clipsPerSecond(), 1e-6);
      assertEquals(result.flop() * calls / result.seconds() * 1e-9, result.gflopPerSecond(), 1e-9);
    }
  }

  @Test
  void anotherNetworkIsGivenNoSpeed() throws IOException {
    SpeakerModel other = SpeakerModel.seeded(NETWORK.model().architecture(), 2);
    List<EngineRun> runs =
        new Benchmark(
                NETWORK,
                plan(Boundary.PCM, List.of(1), List.of(0.3), Load.SINGLE),
                line -> {},
                options -> Boundary.PCM.open(other, options))
            .run(List.of());
    assertRefused(runs, "reference engine");
  }

  @Test
  void anEngineThatIsWrongInBatchesAloneIsGivenNoSpeed() throws IOException {
    AtomicInteger wrong = new AtomicInteger();
    List<EngineRun> runs =
        faulty(
            plan(Boundary.FEATURES, List.of(1, 3), List.of(0.3), Load.SINGLE),
            clips -> {
              boolean fault = clips == 3;
              wrong.addAndGet(fault ? 1 : 0);
              return fault;
            });
    assertTrue(wrong.get() > 0);
    assertRefused(runs, "3 x 0.3 s: clip 2 differs from its embedding alone");
  }

  @Test
  void anEngineThatIsWrongUnderLoadAloneIsGivenNoSpeed() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    List<EngineRun> runs =
        faulty(
            plan(Boundary.FEATURES, List.of(1), List.of(0.3), Load.closed(4)),
            clips -> calls.incrementAndGet() > CALLS_AT_REST + 1);
    assertTrue(calls.get() > CALLS_AT_REST);
    assertRefused(runs, "1 x 0.3 s by 4: clip 0 differs from its embedding alone");
  }

  /** The first call, the check, and the one that timed results are compared with. */
  private static final int CALLS_AT_REST = 3;

  private static List<EngineRun> faulty(BenchmarkPlan plan, Function<Integer, Boolean> isWrong) {
    return new Benchmark(
            NETWORK,
            plan,
            line -> {},
            options -> new Faulty(Boundary.FEATURES.open(NETWORK.model(), options), isWrong))
        .run(List.of());
  }

  private static void assertRefused(List<EngineRun> runs, String why) throws IOException {
    EngineRun run = runs.get(0);
    assertTrue(run.refused().contains(why), run.refused());
    BenchmarkReport report =
        new BenchmarkReport(
            new BenchmarkReport.Origin("test", "", "bench", Instant.EPOCH),
            Machine.here(),
            NETWORK,
            runs);
    assertTrue(report.hasRefused());
    assertTrue(report.text().contains("NOT MEASURED: "), report.text());
    for (String speed : List.of("p50", "clips/s", "GFLOP")) {
      assertFalse(report.text().contains(speed), report.text());
    }
    assertTrue(report.json().contains("\"refused\""), report.json());
    for (String speed : List.of("p50", "per_second", "elapsed", "histogram")) {
      assertFalse(report.json().contains(speed), report.json());
    }
  }

  /** Turns the last clip's embedding round in calls that it is asked about. */
  private record Faulty(Subject subject, Function<Integer, Boolean> isWrong) implements Subject {
    @Override
    public String engineName() {
      return subject.engineName();
    }

    @Override
    public String device() {
      return subject.device();
    }

    @Override
    public Precision precision() {
      return subject.precision();
    }

    @Override
    public OptionalLong deviceBytes() {
      return subject.deviceBytes();
    }

    @Override
    public Supplier<List<float[]>> prepare(List<PcmAudio> clips) {
      Supplier<List<float[]>> call = subject.prepare(clips);
      return () -> {
        List<float[]> embeddings = call.get();
        if (isWrong.apply(clips.size())) {
          float[] last = embeddings.get(embeddings.size() - 1);
          for (int i = 0; i < last.length; i++) {
            last[i] = -last[i];
          }
        }
        return embeddings;
      };
    }

    @Override
    public void close() {
      subject.close();
    }
  }

  @Test
  void aPlanSaysWhatIsOutOfRange() {
    List<Double> three = List.of(3.0);
    assertThrows(
        IllegalArgumentException.class, () -> plan(Boundary.PCM, List.of(0), three, Load.SINGLE));
    assertThrows(
        IllegalArgumentException.class,
        () -> plan(Boundary.PCM, List.of(1), List.of(Double.NaN), Load.SINGLE));
    assertThrows(
        IllegalArgumentException.class, () -> plan(Boundary.PCM, List.of(), three, Load.SINGLE));
    assertThrows(IllegalArgumentException.class, () -> Load.closed(0));
    BenchmarkPlan plan = plan(Boundary.PCM, List.of(1, 64), three, Load.SINGLE);
    assertEquals(64, plan.options().batchUtterances());
    assertEquals(192, plan.options().batchSeconds());
  }
}
