package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.UnusableDeviceException;
import io.voiceprint.engine.Precision;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The contract with a peer, played by {@link ExamplePeer} in a process of its own. */
class PeerProcessTest {
  private static final MeasuredNetwork NETWORK = MeasuredNetwork.of(SeededNetwork.ERES2NET_MICRO);

  private final List<String> messages = new ArrayList<>();

  private List<EngineRun> run(String fault, Load load) {
    BenchmarkPlan plan =
        new BenchmarkPlan(
            EncoderOptions.DEFAULTS.withDevice(Device.REFERENCE).withThreads(1),
            List.of(Precision.FP32),
            Boundary.FEATURES,
            List.of(1, 2),
            List.of(0.3, 0.4),
            Optional.empty(),
            List.of(load),
            Duration.ZERO,
            Duration.ofNanos(1),
            0,
            false);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-D" + ExamplePeer.FAULT + "=" + fault,
            "-cp",
            System.getProperty("java.class.path"),
            ExamplePeer.class.getName());
    PeerProcess peer =
        new PeerProcess("example", command, Path.of("net.onnx"), "cpu", messages::add);
    return new Benchmark(NETWORK, plan, line -> {}).run(List.of(peer));
  }

  @Test
  void aPeerIsMeasuredOnTheSameFeaturesAndChecked() {
    List<EngineRun> runs = run("", Load.SINGLE);
    assertEquals(2, runs.size());
    EngineRun peer = runs.get(1);
    assertEquals("", peer.refused());
    assertEquals("example 1.0 cpu", peer.contestant().engine());
    assertEquals(4, peer.results().size());
    for (int i = 0; i < 4; i++) {
      Result theirs = peer.results().get(i);
      Result ours = runs.get(0).results().get(i);
      assertEquals(ours.workload().name(), theirs.workload().name());
      assertEquals(ours.flop(), theirs.flop());
      assertTrue(theirs.check().orElseThrow().relativeError() < 1e-5);
      assertEquals(3, theirs.timing().orElseThrow().latencies().calls());
      assertEquals(2, theirs.timing().orElseThrow().latencies().percentiles().p50(), 0.01);
    }
    assertEquals(123, peer.memory().orElseThrow().peakResident().orElseThrow());
    assertEquals(List.of("--threads 1 --device cpu net.onnx"), messages);
  }

  @Test
  void aPeerThatComputesSomethingElseIsGivenNoSpeed() {
    EngineRun peer = run("wrong", Load.SINGLE).get(1);
    assertTrue(peer.refused().contains("differs from the reference engine's"), peer.refused());
    assertTrue(peer.results().stream().allMatch(result -> result.timing().isEmpty()));
  }

  @Test
  void aPeerThatFailsIsQuoted() {
    UnusableDeviceException e =
        assertThrows(UnusableDeviceException.class, () -> run("exit", Load.SINGLE));
    assertEquals("peer example ended with exit code 3: no such provider", e.getMessage());
  }

  @Test
  void whatIsMissingInItsFileIsNamed() {
    UnusableDeviceException e =
        assertThrows(UnusableDeviceException.class, () -> run("empty", Load.SINGLE));
    assertEquals(
        "peer example: its file of results: results[0].embeddings is missing", e.getMessage());
  }

  @Test
  void anOpenLoopIsNoWorkForAPeer() {
    UnusableDeviceException e =
        assertThrows(UnusableDeviceException.class, () -> run("", Load.closed(2)));
    assertTrue(e.getMessage().contains("one caller"), e.getMessage());
  }
}
