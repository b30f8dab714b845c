package io.voiceprint.peers.onnxruntime;

import io.voiceprint.engine.Precision;
import io.voiceprint.engine.cpu.CpuEngine;
import io.voiceprint.model.SpeakerModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Voiceprint's CPU engine and ONNX Runtime in turns; see {@link Contest}. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = "Measures Voiceprint's CPU engine and ONNX Runtime in turns.",
    footer =
        "Exit code: 0 measured, 1 some numbers are wrong, 2 wrong usage, 3 model or library"
            + " unusable.")
final class SideBySide implements Callable<Integer> {
  private static final int WRONG_NUMBERS = 1;

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Export.Network network;

  @Option(
      names = "--onnx",
      paramLabel = "FILE",
      description = "The network for ONNX Runtime. Without it, it is exported.")
  private Path onnx;

  @Option(
      names = "--precision",
      split = ",",
      paramLabel = "P",
      description = "Of Voiceprint. Without it, fp32 and, where the processor has it, bf16.")
  private List<Precision> precisions =
      Stream.of(Precision.FP32, Precision.BF16).filter(CpuEngine::supports).toList();

  @Option(
      names = "--workloads",
      split = ",",
      paramLabel = "W",
      converter = BatchConverter.class,
      description = "CLIPSxSECONDS, several with commas. Without it, ${DEFAULT-VALUE}.")
  private List<Batch> batches =
      Stream.of("1x1", "1x2", "1x3", "1x5", "1x10", "2x3", "4x3", "8x1", "8x3", "8x10")
          .map(Batch::parse)
          .toList();

  @Option(names = "--threads", paramLabel = "N", description = "Without it, one per processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--rounds", paramLabel = "N", description = "Without it, ${DEFAULT-VALUE}.")
  private int rounds = 3;

  @Option(
      names = "--turn",
      paramLabel = "S",
      description =
          "Seconds that each workload is timed for in a turn, a call at least. Without it,"
              + " ${DEFAULT-VALUE}.")
  private double turn = 1;

  @Option(names = "--commit", paramLabel = "ID", description = "Of the sources, for the file.")
  private String commit = "";

  @Option(names = "--json", required = true, paramLabel = "OUT", description = "What to write.")
  private Path json;

  @Override
  public Integer call() throws Exception {
    requirePositive();
    ResultFile.check(json, spec.commandLine());
    SpeakerModel model = network.load();
    Path folder = Files.createTempDirectory("voiceprint-side-by-side");
    try {
      if (onnx == null) {
        onnx = folder.resolve("network.onnx");
        OnnxExport.write(model.graph(), onnx);
      }
      boolean right = measure(model, folder).stream().allMatch(result -> result.check().passes());
      return right ? 0 : WRONG_NUMBERS;
    } finally {
      delete(folder);
    }
  }

  private void requirePositive() {
    if (threads < 1 || rounds < 1 || !(turn > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--threads, --rounds and --turn must be positive");
    }
  }

  private List<Result> measure(SpeakerModel model, Path folder) throws Exception {
    Result.Model described =
        new Result.Model(network.name(), model.architecture().toString(), model.parameters());
    Contest.Plan plan = new Contest.Plan(onnx, precisions, batches, threads, rounds, turn);
    List<Result> results = new Contest(model, plan, folder, System.err::println).run(described);
    List<ResultFile.Memory> memory = memory(results);
    System.out.print(new Table(results, memory));
    List<String> typed = spec.commandLine().getParseResult().originalArgs();
    String command = "compare " + String.join(" ", typed);
    new ResultFile(Commands.program(), commit, command, results, memory).write(json);
    return results;
  }

  private List<ResultFile.Memory> memory(List<Result> results) throws Exception {
    List<Workload> workloads = results.stream().map(Result::workload).distinct().toList();
    Path ours = network.file() == null ? onnx : network.file();
    MemoryProbe probe = new MemoryProbe(threads);
    List<ResultFile.Memory> memory = new ArrayList<>();
    for (Workload workload : workloads) {
      System.err.println("memory of each alone on " + workload.name());
      memory.add(probe.measure(results.get(0).engine().name(), onnx, null, workload));
      for (Precision precision : precisions) {
        memory.add(probe.measure(Voiceprint.name(precision), ours, precision, workload));
      }
    }
    return memory;
  }

  /** Turns what was typed into a batch, with its own message where that cannot be. */
  static final class BatchConverter implements ITypeConverter<Batch> {
    @Override
    public Batch convert(String text) {
      try {
        return Batch.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  private static void delete(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
