package io.voiceprint.cli;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.bench.Benchmark;
import io.voiceprint.bench.BenchmarkPlan;
import io.voiceprint.bench.BenchmarkReport;
import io.voiceprint.bench.BenchmarkRun;
import io.voiceprint.bench.Machine;
import io.voiceprint.bench.SeededNetwork;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code voiceprint bench}: how fast this machine is. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures latency and throughput, after checking the numbers.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  The base model on this machine's GPU, in all its precisions:",
      "    voiceprint bench --device cuda --precision fp32,tf32,fp16",
      "  Latency of one clip of 1, 3 and 10 s, with a model of one's own:",
      "    voiceprint bench --model eres2net.ckpt --batch 1 --seconds 1,3,10",
      "",
      "A call takes clips in host memory and returns embeddings in host memory. One caller makes",
      "one call after the other. Before that, a clip of each length is compared with the reference",
      "engine (plain Java, fp32); where the numbers are wrong, no speed is reported.",
      "",
      "Exit code: 0 measured, 1 the numbers are wrong, 2 wrong usage, 3 model or device unusable."
    })
final class BenchCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private Verbosity verbosity;

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
    private SeededNetwork seeded = SeededNetwork.ERES2NET_BASE;
  }

  @Option(
      names = "--device",
      paramLabel = "D",
      description = "auto, cuda, cpu or reference. Without it, auto.")
  private Device device = EncoderOptions.DEFAULTS.device();

  @Option(
      names = "--precision",
      paramLabel = "P",
      split = ",",
      description = "fp32, tf32, fp16 or bf16, several with commas. Without it, fp32.")
  private List<Precision> precisions = List.of(Precision.FP32);

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      description = "Clips in a call. Without it, 1,8,64.")
  private List<Integer> batches = List.of(1, 8, 64);

  @Option(
      names = "--seconds",
      paramLabel = "S",
      split = ",",
      description = "Lengths of the clips. Without it, 3.")
  private List<Double> seconds = List.of(3.0);

  @Option(names = "--mixed", description = "Also 64 clips of 1 to 10 s in a call.")
  private boolean mixed;

  @Option(
      names = "--duration",
      paramLabel = "S",
      description = "Seconds to measure each workload for. Without it, 5.")
  private double duration = 5;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads. Without it, as many as there are processors.")
  private int threads = EncoderOptions.DEFAULTS.threads();

  @Option(names = "--json", paramLabel = "OUT", description = "Write the results to a file too.")
  private Path json;

  BenchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    verbosity.apply(terminal);
    BenchmarkPlan plan = plan();
    SpeakerModel model =
        network.model == null ? network.seeded.build() : SpeakerModel.load(network.model, null);
    List<BenchmarkRun> runs = new Benchmark(model, plan, this::progress).run();
    BenchmarkReport report =
        new BenchmarkReport(
            Version.text(),
            Instant.now().truncatedTo(ChronoUnit.SECONDS),
            Machine.here(),
            model,
            runs);
    terminal.out().print(report.text());
    if (json != null) {
      write(report);
    }
    return runs.stream().anyMatch(BenchmarkRun::isRefused) ? ExitCode.FAILED : ExitCode.OK;
  }

  private BenchmarkPlan plan() {
    try {
      return new BenchmarkPlan(
          EncoderOptions.DEFAULTS.withDevice(device).withThreads(threads),
          precisions,
          batches,
          seconds,
          mixed,
          Duration.ofSeconds(1),
          Duration.ofNanos((long) (duration * 1e9)));
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(e.getMessage());
    }
  }

  private void progress(String line) {
    if (terminal.verbosity() > 0) {
      terminal.notice(line);
    }
  }

  private void write(BenchmarkReport report) throws IOException {
    try (PartialFile file = PartialFile.create(json)) {
      Files.writeString(file.path(), report.json());
      file.complete();
    }
  }
}
