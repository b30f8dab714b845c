package io.voiceprint.peers.onnxruntime;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.cpu.CpuEngine;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.SpeakerModel;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Voiceprint's CPU engine and ONNX Runtime on the same network, features and number of threads, in
 * turns: one contestant at a time holds its threads, and every contestant has a turn in every round,
 * so that a slow minute of the machine strikes all of them.
 */
@Command(
    name = "side-by-side",
    mixinStandardHelpOptions = true,
    description = "Measures Voiceprint's CPU engine and ONNX Runtime side by side.")
public final class SideBySide implements Callable<Integer> {
  private static final double AGREEMENT = 1e-3;

  @Option(names = "--onnx", required = true, description = "The network as ONNX.")
  private Path onnx;

  @Option(names = "--model", required = true, description = "The same network's weights.")
  private Path model;

  @Option(names = "--threads", description = "Without it, as many as there are processors.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--workloads",
      split = ",",
      description = "CLIPSxFRAMES. Without it, ${DEFAULT-VALUE}.")
  private List<String> workloads = List.of("1x98", "1x298", "1x998", "8x298");

  @Option(names = "--rounds", description = "Without it, ${DEFAULT-VALUE}.")
  private int rounds = 3;

  @Option(names = "--calls", description = "Timed calls in a turn. Without it, ${DEFAULT-VALUE}.")
  private int calls = 15;

  @Option(names = "--json", description = "Write the times to a file.")
  private File json;

  /** Opens a contestant for one turn. */
  private interface Opener {
    Contestant open() throws Exception;
  }

  /** Entry point. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new SideBySide()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    SpeakerModel network = SpeakerModel.load(model, null);
    List<Opener> openers = new ArrayList<>();
    openers.add(() -> new OnnxRuntime(onnx, threads));
    for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
      if (CpuEngine.supports(precision)) {
        openers.add(() -> new Voiceprint(network, precision, threads));
      }
    }
    checkThatTheyAgree(network);
    Map<String, Map<String, List<Double>>> times = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Opener opener : openers) {
        try (Contestant contestant = opener.open()) {
          for (String workload : workloads) {
            times
                .computeIfAbsent(workload, key -> new LinkedHashMap<>())
                .computeIfAbsent(contestant.name(), key -> new ArrayList<>())
                .addAll(Stopwatch.time(contestant, utterances(workload), calls));
          }
        }
      }
    }
    times.values().forEach(byName -> byName.values().forEach(Collections::sort));
    print(times);
    if (json != null) {
      write(times);
    }
    return 0;
  }

  /** The speed of other numbers would mean nothing. */
  private void checkThatTheyAgree(SpeakerModel network) throws Exception {
    List<Features> clip = utterances("1x298");
    try (Contestant theirs = new OnnxRuntime(onnx, threads);
        Contestant ours = new Voiceprint(network, Precision.FP32, threads)) {
      float[] a = theirs.embed(clip).get(0);
      float[] b = ours.embed(clip).get(0);
      double error = 0;
      double norm = 0;
      for (int i = 0; i < a.length; i++) {
        error += (a[i] - b[i]) * (double) (a[i] - b[i]);
        norm += a[i] * (double) a[i];
      }
      double relative = Math.sqrt(error / norm);
      System.out.printf(Locale.ROOT, "relative difference of the embeddings: %.1e%n", relative);
      if (!(relative <= AGREEMENT)) {
        throw new IllegalStateException("not the same network: relative difference " + relative);
      }
    }
  }

  private static List<Features> utterances(String workload) {
    String[] parts = workload.split("x");
    int frames = Integer.parseInt(parts[1]);
    Random random = new Random(frames);
    List<Features> utterances = new ArrayList<>();
    for (int clip = 0; clip < Integer.parseInt(parts[0]); clip++) {
      float[] data = new float[frames * 80];
      for (int i = 0; i < data.length; i++) {
        data[i] = (float) (3 * random.nextGaussian());
      }
      utterances.add(new Features(frames, 80, data));
    }
    return utterances;
  }

  private void print(Map<String, Map<String, List<Double>>> times) {
    System.out.printf(
        Locale.ROOT, "%d threads, %d rounds of %d calls, milliseconds%n", threads, rounds, calls);
    System.out.printf("%-8s %-22s %9s %9s %7s%n", "clips", "", "median", "fastest", "ratio");
    times.forEach(
        (workload, byName) -> {
          double theirs = median(byName.values().iterator().next());
          byName.forEach(
              (name, millis) ->
                  System.out.printf(
                      Locale.ROOT,
                      "%-8s %-22s %9.2f %9.2f %7.3f%n",
                      workload,
                      name,
                      median(millis),
                      millis.get(0),
                      median(millis) / theirs));
        });
  }

  private static double median(List<Double> sorted) {
    return sorted.get(sorted.size() / 2);
  }

  private void write(Map<String, Map<String, List<Double>>> times) throws Exception {
    try (JsonGenerator out =
        new JsonFactory().createGenerator(json, com.fasterxml.jackson.core.JsonEncoding.UTF8)) {
      out.useDefaultPrettyPrinter();
      out.writeStartObject();
      out.writeNumberField("threads", threads);
      out.writeNumberField("processors", Runtime.getRuntime().availableProcessors());
      out.writeObjectFieldStart("milliseconds");
      for (Map.Entry<String, Map<String, List<Double>>> workload : times.entrySet()) {
        out.writeObjectFieldStart(workload.getKey());
        for (Map.Entry<String, List<Double>> entry : workload.getValue().entrySet()) {
          out.writeArrayFieldStart(entry.getKey());
          for (double millis : entry.getValue()) {
            out.writeNumber(Math.round(millis * 1000) / 1000.0);
          }
          out.writeEndArray();
        }
        out.writeEndObject();
      }
      out.writeEndObject();
      out.writeEndObject();
    }
  }
}
