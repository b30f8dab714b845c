package io.voiceprint.bench;

import io.voiceprint.EncoderOptions;
import io.voiceprint.engine.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Measures one network on one device, and other programs on the same clips. Before anything is
 * timed, clips of each workload are compared with the reference engine, and while it is timed every
 * result with what the same clips gave alone; numbers that are wrong are never given a speed.
 */
public final class Benchmark {
  private final MeasuredNetwork network;
  private final BenchmarkPlan plan;
  private final List<Workload> workloads;
  private final Consumer<String> progress;
  private final Function<EncoderOptions, Subject> opener;

  /**
   * @param progress is told what is done next, one line each
   */
  public Benchmark(MeasuredNetwork network, BenchmarkPlan plan, Consumer<String> progress) {
    this(network, plan, progress, options -> plan.boundary().open(network.model(), options));
  }

  /**
   * @param opener opens what is measured
   */
  Benchmark(
      MeasuredNetwork network,
      BenchmarkPlan plan,
      Consumer<String> progress,
      Function<EncoderOptions, Subject> opener) {
    this.network = network;
    this.plan = plan;
    this.progress = progress;
    this.opener = opener;
    this.workloads = plan.workloads(network.model().frontEnd().sampleRate());
  }

  /**
   * Measures every workload in every precision, and then those that the peers can do on them.
   *
   * @param peers other programs, each in a process of its own
   * @throws io.voiceprint.UnusableDeviceException if the device is missing, lacks a precision, or
   *     fails, or if a peer cannot be run
   */
  public List<EngineRun> run(List<PeerProcess> peers) {
    References references = new References(network.model(), plan.options(), workloads, progress);
    EngineBenchmark benchmark = new EngineBenchmark(network, plan, workloads, references, progress);
    List<EngineRun> runs = new ArrayList<>();
    for (Precision precision : plan.precisions()) {
      runs.add(benchmark.run(plan.options().withPrecision(precision), opener));
    }
    for (PeerProcess peer : peers) {
      progress.accept("peer " + peer.name());
      runs.addAll(peer.run(network, plan, workloads, references));
    }
    return runs;
  }
}
