package io.voiceprint.cli;

import io.voiceprint.EncoderOptions;
import io.voiceprint.bench.Benchmark;
import io.voiceprint.bench.BenchmarkPlan;
import io.voiceprint.bench.BenchmarkReport;
import io.voiceprint.bench.EngineRun;
import io.voiceprint.bench.Machine;
import io.voiceprint.bench.MeasuredNetwork;
import io.voiceprint.bench.PeerProcess;
import io.voiceprint.bench.SeededNetwork;
import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.engine.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code voiceprint bench}: how fast this machine is. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures latency and throughput, after checking the numbers.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  The base model on this machine's GPU, in all its precisions:",
      "    voiceprint bench --device cuda --precision fp32,tf32,fp16",
      "  Latency of one clip of 1, 3 and 10 s, with a model of one's own:",
      "    voiceprint bench --model eres2net.ckpt --batch 1 --seconds 1,3,10",
      "  What users would see at 5, 10 and 20 requests a second, of many lengths:",
      "    voiceprint bench --batch 1 --mixed --rate 5,10,20 --duration 30",
      "  Where the time goes, as a table and a picture:",
      "    voiceprint bench --batch 1 --profile=profile.svg",
      "  Beside ONNX Runtime, on the same weights and features:",
      "    voiceprint bench --peer onnxruntime --onnx eres2net.onnx --batch 1,8 --json both.json",
      "",
      "A call takes clips (16-bit samples, what a WAV file of speech gives; synthetic, the same each",
      "time) in host memory and returns embeddings in host memory. In a closed loop a",
      "caller makes the next call when its last has returned: the time of a call, and how many fit",
      "into a second. In an open loop (--rate) calls come when they come; latency counts from when a",
      "call was due, so that a stall is not hidden by the calls that it held up.",
      "",
      "Before that, clips of each workload are compared with the reference engine (plain Java,",
      "fp32), and every timed result with that of the same clips alone; where numbers are wrong, no",
      "speed is reported. GFLOP/s count two for each multiply-accumulate; the ceiling they are held",
      "against is the fastest of some wide convolutions in the same engine, measured in the same",
      "run. Measure on a machine that does nothing else; bench/README.md says how to read it all.",
      "",
      "Exit code: 0 measured, 1 the numbers are wrong, 2 wrong usage, 3 model, device or peer",
      "unusable."
    })
final class BenchCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec;

  @ArgGroup private Network network = new Network();

  /** Weights from a file, or random ones. */
  static final class Network {
    @Option(names = "--model", paramLabel = "FILE", description = "Weights to measure with.")
    private Path model;

    @Option(
        names = "--arch",
        paramLabel = "A",
        description =
            "Measure with random weights: ${COMPLETION-CANDIDATES}. Without it, eres2net-base.")
    private SeededNetwork seeded;
  }

  @Mixin private DeviceArguments device;

  @Option(
      names = "--precision",
      paramLabel = "P",
      split = ",",
      description = "fp32, tf32, fp16 or bf16, several with commas. Without it, fp32.")
  private List<Precision> precisions = List.of(Precision.FP32);

  @Mixin private BenchWorkloads workloads;
  @Mixin private BenchPeer peer;

  @Option(
      names = "--cold-start",
      paramLabel = "N",
      arity = "0..1",
      fallbackValue = "3",
      description =
          "Also start N new processes (3 without N) and time each from its start to its first embedding.")
  private int coldStarts;

  @Option(
      names = "--profile",
      paramLabel = "SVG",
      arity = "0..1",
      fallbackValue = "",
      description =
          "Also time every layer, for one clip of the first length; with SVG, draw a picture too. On a GPU layers are timed launch by launch, so that their sum is not the time of a pass, which replays them as one CUDA graph; that is timed beside them.")
  private String profile;

  @Option(names = "--json", paramLabel = "OUT", description = "Write the results to a file too.")
  private Path json;

  @Mixin private Verbosity verbosity;

  BenchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, CheckpointException {
    verbosity.apply(terminal);
    BenchmarkPlan plan = plan();
    checkOutputs();
    List<PeerProcess> peers = peer.processes(terminal);
    MeasuredNetwork measured = measured();
    List<EngineRun> runs;
    try {
      runs = new Benchmark(measured, plan, this::progress).run(peers);
    } finally {
      terminal.showBar("");
    }
    BenchmarkReport report =
        new BenchmarkReport(
            new BenchmarkReport.Origin(
                Version.text(),
                SourceCommit.find(),
                "voiceprint "
                    + String.join(" ", spec.root().commandLine().getParseResult().originalArgs()),
                Instant.now().truncatedTo(ChronoUnit.SECONDS)),
            Machine.here(),
            measured,
            runs);
    terminal.out().print(report.text());
    if (json != null) {
      PartialFile.write(json, report.json());
    }
    if (hasPicture() && !report.profileSvg().isEmpty()) {
      PartialFile.write(Path.of(profile), report.profileSvg());
    }
    return report.hasRefused() ? ExitCode.FAILED : ExitCode.OK;
  }

  /** Before minutes of measuring. */
  private void checkOutputs() throws IOException {
    KeptFiles kept = new KeptFiles().addModel(network.model).addModel(peer.onnx());
    if (json != null) {
      kept.refuse(json);
      PartialFile.check(json);
    }
    if (hasPicture()) {
      Path picture = Path.of(profile);
      if (json != null && picture.toAbsolutePath().equals(json.toAbsolutePath())) {
        throw CommandFailure.usage(
            "--json and --profile: both would be written to %s".formatted(json));
      }
      kept.refuse(picture);
      PartialFile.check(picture);
    }
  }

  private boolean hasPicture() {
    return profile != null && !profile.isEmpty();
  }

  private MeasuredNetwork measured() throws CheckpointException {
    if (network.model != null) {
      return MeasuredNetwork.load(network.model);
    }
    if (peer.isAsked()) {
      if (network.seeded != null) {
        throw CommandFailure.usage(
            "--peer computes the weights of --onnx, not those of --arch; leave --arch out");
      }
      return MeasuredNetwork.load(peer.onnx());
    }
    return MeasuredNetwork.of(
        network.seeded == null ? SeededNetwork.ERES2NET_BASE : network.seeded);
  }

  private BenchmarkPlan plan() {
    try {
      return new BenchmarkPlan(
          device.applyTo(EncoderOptions.DEFAULTS),
          precisions,
          workloads.boundary(peer.isAsked()),
          workloads.batches(),
          workloads.seconds(),
          workloads.mixed(),
          workloads.loop().loads(),
          workloads.loop().warmUp(),
          workloads.loop().duration(),
          coldStarts,
          profile != null);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(e.getMessage());
    }
  }

  private void progress(String line) {
    if (terminal.verbosity() > 0) {
      terminal.notice(line);
    } else if (terminal.verbosity() == 0 && Terminal.isTerminal(2)) {
      terminal.showBar("measuring: " + line);
    }
  }
}
