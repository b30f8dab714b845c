package io.voiceprint.peers.onnxruntime;

import io.voiceprint.frontend.Features;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** ONNX Runtime alone, as {@code voiceprint bench --peer onnxruntime} calls it. */
@Command(
    name = "measure",
    mixinStandardHelpOptions = true,
    description = "Measures ONNX Runtime and writes the file of results.",
    footer = "Exit code: 0 measured, 2 wrong usage, 3 model, device or library unusable.")
public final class Peer implements Callable<Integer> {
  private static final double WARM_UP_SECONDS = 1;

  @Spec private CommandSpec spec;

  @Option(names = "--onnx", required = true, paramLabel = "FILE", description = "The network.")
  private Path onnx;

  @Option(
      names = "--workloads",
      required = true,
      split = ",",
      paramLabel = "W",
      converter = WorkloadConverter.class,
      description = "CLIPSxFRAMES, several with commas.")
  private List<Workload> workloads;

  @Option(names = "--threads", paramLabel = "N", description = "Without it, one per processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--seconds-per-workload",
      paramLabel = "S",
      description = "Without it, ${DEFAULT-VALUE}.")
  private double seconds = 5;

  @Option(names = "--device", paramLabel = "D", description = "cpu or cuda. Without it, cpu.")
  private OnnxRuntime.Provider provider = OnnxRuntime.Provider.CPU;

  @Option(
      names = "--features",
      required = true,
      paramLabel = "F",
      description = "A file of raw features, or a whole number: the seed of noise.")
  private String features;

  @Option(names = "--json", required = true, paramLabel = "OUT", description = "What to write.")
  private Path json;

  /** Entry point. */
  public static void main(String[] arguments) {
    System.exit(Commands.execute(new Peer(), arguments));
  }

  @Override
  public Integer call() throws Exception {
    if (threads < 1 || !(seconds > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--threads and --seconds-per-workload must be positive");
    }
    ResultFile.check(json, spec.commandLine());
    List<List<Features>> utterances = utterances();
    List<Result> results = new ArrayList<>();
    try (OnnxRuntime runtime = OnnxRuntime.open(onnx, threads, provider)) {
      for (int i = 0; i < workloads.size(); i++) {
        System.err.println(runtime.name() + ", " + workloads.get(i).name());
        results.add(measure(runtime, workloads.get(i), utterances.get(i)));
      }
    }
    String command =
        "measure " + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    new ResultFile(Commands.program(), "", command, results, List.of()).write(json);
    return 0;
  }

  private List<List<Features>> utterances() throws IOException {
    if (!features.matches("-?[0-9]{1,18}")) {
      return FeatureFile.read(Path.of(features), workloads);
    }
    long seed = Long.parseLong(features);
    return workloads.stream().map(w -> Noise.utterances(w.clips(), w.frames(), seed)).toList();
  }

  private Result measure(OnnxRuntime runtime, Workload workload, List<Features> utterances)
      throws Exception {
    List<List<float[]>> last = new ArrayList<>(List.of(List.of()));
    Times.Call call = () -> last.set(0, runtime.embed(utterances));
    Times.warmUp(call, WARM_UP_SECONDS);
    Times times = new Times();
    times.measure(call, seconds);
    return new Result(
        Result.Engine.of(runtime, threads),
        new Result.Model(String.valueOf(onnx.getFileName()), "", 0),
        Result.FEATURES,
        workload,
        null,
        times,
        0,
        last.get(0));
  }

  /** Turns what was typed into a workload, with its own message where that cannot be. */
  static final class WorkloadConverter implements CommandLine.ITypeConverter<Workload> {
    @Override
    public Workload convert(String text) {
      try {
        return Workload.parse(text);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.TypeConversionException(e.getMessage());
      }
    }
  }
}
