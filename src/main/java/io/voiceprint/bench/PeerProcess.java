package io.voiceprint.bench;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.Engines;
import io.voiceprint.UnusableDeviceException;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Engine;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.SpeakerModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Another program that computes the same network, run as a child process with the same features. It
 * does the workloads of clips of one length and one caller; {@code bench/README.md} has the
 * contract.
 *
 * @param name of the program
 * @param command that starts it, to which the arguments of the contract are appended
 * @param onnx the network
 * @param device {@code cpu} or {@code cuda}
 * @param messages gets what it prints to its standard error, line by line
 */
public record PeerProcess(
    String name, List<String> command, Path onnx, String device, Consumer<String> messages) {
  /** Copies. */
  public PeerProcess {
    command = List.copyOf(command);
  }

  /**
   * Measures.
   *
   * @throws UnusableDeviceException if the process fails, or writes what it should not
   */
  List<EngineRun> run(
      MeasuredNetwork network, BenchmarkPlan plan, List<Workload> all, References references) {
    List<Workload> workloads = all.stream().filter(PeerProcess::isSimple).toList();
    if (workloads.isEmpty()) {
      throw new UnusableDeviceException(
          "peer %s: it can only be measured with clips of one length and one caller, without --rate"
              .formatted(name));
    }
    try {
      Path folder = Files.createTempDirectory("voiceprint-peer");
      Path features = folder.resolve("features.f32");
      Path json = folder.resolve("peer.json");
      try {
        List<String> sizes = writeFeatures(network.model(), workloads, features);
        start(plan, sizes, features, json);
        return new PeerReport(network.model(), workloads, references).read(json);
      } finally {
        Files.deleteIfExists(features);
        Files.deleteIfExists(json);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UnusableDeviceException("peer %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static boolean isSimple(Workload workload) {
    return workload.lengths().isEmpty()
        && !workload.load().isOpen()
        && workload.load().concurrency() == 1;
  }

  /**
   * Writes the features of all clips.
   *
   * @return clips x frames of each workload
   */
  private static List<String> writeFeatures(SpeakerModel model, List<Workload> workloads, Path file)
      throws IOException {
    EncoderOptions reference = EncoderOptions.DEFAULTS.withDevice(Device.REFERENCE);
    List<String> sizes = new ArrayList<>();
    try (Engine engine = Engines.open(model.graph(), model.frontEnd(), reference);
        OutputStream out = Files.newOutputStream(file)) {
      for (Workload workload : workloads) {
        int frames = 0;
        for (PcmAudio clip : workload.calls().get(0)) {
          Features features = engine.features(clip.samples());
          frames = features.frames();
          ByteBuffer bytes =
              ByteBuffer.allocate(Float.BYTES * features.data().length)
                  .order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(features.data());
          out.write(bytes.array());
        }
        sizes.add(workload.batch() + "x" + frames);
      }
    }
    return sizes;
  }

  private void start(BenchmarkPlan plan, List<String> sizes, Path features, Path json)
      throws IOException {
    List<String> full = new ArrayList<>(command);
    full.addAll(List.of("--onnx", onnx.toString()));
    full.addAll(List.of("--workloads", String.join(",", sizes)));
    full.addAll(List.of("--threads", String.valueOf(plan.options().threads())));
    double seconds = plan.duration().toNanos() * 1e-9;
    full.addAll(List.of("--seconds-per-workload", String.format(Locale.ROOT, "%.3f", seconds)));
    full.addAll(List.of("--json", json.toString()));
    full.addAll(List.of("--device", device));
    full.addAll(List.of("--features", features.toString()));
    Process process =
        new ProcessBuilder(full).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    String last = "";
    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        messages.accept(line);
        last = line;
      }
      int exit = process.waitFor();
      if (exit != 0) {
        throw new UnusableDeviceException(
            "peer %s ended with exit code %d: %s".formatted(name, exit, last));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnusableDeviceException("interrupted while peer " + name + " ran", e);
    } finally {
      process.destroy();
    }
  }
}
