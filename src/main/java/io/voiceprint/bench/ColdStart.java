package io.voiceprint.bench;

import io.voiceprint.EncoderOptions;
import io.voiceprint.UnusableDeviceException;
import io.voiceprint.audio.PcmAudio;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What a user waits for who starts a program to get one embedding, in a Java process of its own:
 * with the class path and the options of this one.
 *
 * @param seconds length of the clip
 * @param frames of the clip
 * @param samples one for each process
 * @param check of the last one's embedding
 */
record ColdStart(double seconds, int frames, List<Sample> samples, Result.Check check) {
  /**
   * One process; times in milliseconds.
   *
   * @param process from before it was started to its first embedding
   * @param runtime of that, before the first line of the program
   * @param load of that, to read the weights, or to draw them if they are random
   * @param open of that, to open the engine
   * @param firstCall of that, the first call
   * @param secondCall what the next call took
   * @param peakResident most memory that it had resident, in MiB
   */
  record Sample(
      double process,
      double runtime,
      double load,
      double open,
      double firstCall,
      double secondCall,
      double peakResident) {}

  /**
   * Starts processes, one after the other.
   *
   * @param clip as {@link Clips#of} makes it
   * @param check compares an embedding of the clip
   * @throws UnusableDeviceException if a process fails
   * @throws WrongResultException if the embedding is wrong
   */
  static ColdStart measure(
      MeasuredNetwork network,
      EncoderOptions options,
      PcmAudio clip,
      int processes,
      Function<float[], Result.Check> check) {
    double seconds = clip.seconds();
    List<Sample> samples = new ArrayList<>();
    float[] embedding = {};
    try {
      Path errors = Files.createTempFile("voiceprint-cold-start", ".txt");
      try {
        for (int i = 0; i < processes; i++) {
          ProcessBuilder child = new ProcessBuilder(command(network, options, seconds));
          embedding = run(child.redirectError(errors.toFile()), samples, errors);
        }
      } finally {
        Files.delete(errors);
      }
    } catch (IOException e) {
      throw new UnusableDeviceException("cold start: no Java process: " + e.getMessage(), e);
    }
    Result.Check checked = check.apply(embedding);
    if (!checked.passes()) {
      throw new WrongResultException(
          "cold start: the embedding differs by %.1e, more than %.1e"
              .formatted(checked.relativeError(), checked.bound()));
    }
    int frames = network.model().frontEnd().frames(clip.length());
    return new ColdStart(seconds, frames, samples, checked);
  }

  private static List<String> command(
      MeasuredNetwork network, EncoderOptions options, double seconds) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-agentlib")) // A debugger's port is taken.
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ColdStartProcess.class.getName());
    command.addAll(network.origin());
    command.add(options.device().name());
    command.add(options.precision().name());
    command.add(String.valueOf(options.threads()));
    command.add(String.valueOf(seconds));
    return command;
  }

  private static float[] run(ProcessBuilder child, List<Sample> samples, Path errors)
      throws IOException {
    long begin = System.nanoTime();
    Process process = child.start();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      double runtime = until(ColdStartProcess.STARTED, lines, begin, errors);
      double first = until(ColdStartProcess.EMBEDDED, lines, begin, errors);
      double[] told = numbers(lines.readLine(), errors);
      samples.add(new Sample(first, runtime, told[0], told[1], told[2], told[3], told[4]));
      double[] values = numbers(lines.readLine(), errors);
      float[] embedding = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        embedding[i] = (float) values[i];
      }
      return embedding;
    } finally {
      process.destroy();
    }
  }

  /** Milliseconds until a line comes. */
  private static double until(String mark, BufferedReader lines, long begin, Path errors)
      throws IOException {
    String line = lines.readLine();
    double ms = (System.nanoTime() - begin) * 1e-6;
    if (!mark.equals(line)) {
      throw failed(line, errors);
    }
    return ms;
  }

  private static double[] numbers(String line, Path errors) throws IOException {
    if (line == null) {
      throw failed(line, errors);
    }
    String[] words = line.split(" ", -1);
    double[] numbers = new double[words.length];
    for (int i = 0; i < words.length; i++) {
      numbers[i] = Double.parseDouble(words[i]);
    }
    return numbers;
  }

  private static UnusableDeviceException failed(String line, Path errors) throws IOException {
    return new UnusableDeviceException(
        "cold start: the child process ended early: %s %s"
            .formatted(line == null ? "" : line, Files.readString(errors).strip()));
  }
}
