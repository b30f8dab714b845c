package io.voiceprint.peers.onnxruntime;

import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One contestant, alone in its process, on every workload twice; prints the process's memory: peak
 * resident, heap used and heap committed, in MiB.
 */
@Command(name = "alone", hidden = true)
final class Alone implements Callable<Integer> {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final double MIB = 1 << 20;

  @Option(names = "--model", required = true, description = "For ONNX Runtime, an ONNX file.")
  private Path model;

  @Option(names = "--precision", description = "Of Voiceprint; without it, ONNX Runtime runs.")
  private Precision precision;

  @Option(names = "--threads", required = true)
  private int threads;

  @Option(
      names = "--workloads",
      required = true,
      split = ",",
      converter = Peer.WorkloadConverter.class)
  private List<Workload> workloads;

  @Override
  public Integer call() throws Exception {
    try (Contestant contestant = open()) {
      for (Workload workload : workloads) {
        for (int i = 0; i < 2; i++) {
          contestant.embed(Noise.utterances(workload.clips(), workload.frames(), i));
        }
      }
      Runtime java = Runtime.getRuntime();
      System.out.printf(
          Locale.ROOT,
          "%.1f %.1f %.1f%n",
          peakResidentMib(),
          (java.totalMemory() - java.freeMemory()) / MIB,
          java.totalMemory() / MIB);
    }
    return 0;
  }

  private Contestant open() throws Exception {
    return precision == null
        ? OnnxRuntime.open(model, threads, OnnxRuntime.Provider.CPU)
        : new Voiceprint(SpeakerModel.load(model, null), precision, threads);
  }

  /** Linux's VmHWM. */
  private static double peakResidentMib() throws Exception {
    try (Stream<String> lines = Files.lines(STATUS)) {
      String peak = lines.filter(line -> line.startsWith("VmHWM:")).findFirst().orElseThrow();
      return Long.parseLong(peak.replaceAll("[^0-9]", "")) / 1024.0;
    }
  }
}
