package io.voiceprint.cli;

import io.voiceprint.bench.PeerProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Which other program is measured beside ours. */
final class BenchPeer {
  private static final String MAIN = "io.voiceprint.peers.onnxruntime.Peer";
  private static final Path PROJECT = Path.of("bench", "peers", "onnxruntime");

  /** What can be measured. */
  enum Peer {
    ONNXRUNTIME
  }

  @Option(
      names = "--peer",
      paramLabel = "PEER",
      description =
          "Also measure another program on the same weights and features: onnxruntime. Needs --onnx.")
  private Peer peer;

  @Option(
      names = "--onnx",
      paramLabel = "FILE",
      description = "The network for the peer; without --model, for us too.")
  private Path onnx;

  @Option(
      names = "--peer-device",
      paramLabel = "D",
      description = "cpu or cuda, for the peer. Without it, cpu.")
  private String device = "cpu";

  boolean isAsked() {
    return peer != null;
  }

  Path onnx() {
    return onnx;
  }

  /**
   * The peers that were asked for.
   *
   * @throws CommandFailure if one was not built, or is asked for what it cannot do
   */
  List<PeerProcess> processes(Terminal terminal) throws IOException {
    if (peer == null) {
      if (onnx != null) {
        throw CommandFailure.usage("--onnx is for a peer; add --peer onnxruntime, or use --model");
      }
      return List.of();
    }
    if (onnx == null) {
      throw CommandFailure.usage("--peer needs the network as ONNX: --onnx FILE");
    }
    if (!device.equals("cpu") && !device.equals("cuda")) {
      throw CommandFailure.usage("--peer-device %s: cpu or cuda".formatted(device));
    }
    String name = peer.name().toLowerCase(Locale.ROOT);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath(),
            MAIN);
    return List.of(new PeerProcess(name, command, onnx, device, line -> say(terminal, name, line)));
  }

  private static void say(Terminal terminal, String name, String line) {
    if (terminal.verbosity() > 0) {
      terminal.notice(name + ": " + line);
    }
  }

  /** The jar of the child project, and what it needs beside it. */
  private static String classPath() throws IOException {
    Path project = ProgramHome.find().resolve(PROJECT);
    Path target = project.resolve("target");
    if (Files.isDirectory(target.resolve("lib"))) {
      try (DirectoryStream<Path> jars =
          Files.newDirectoryStream(target, "voiceprint-peer-onnxruntime-*.jar")) {
        for (Path jar : jars) {
          return jar + File.pathSeparator + target.resolve("lib").resolve("*");
        }
      }
    }
    throw CommandFailure.unusable(
        ("peer onnxruntime is not built (nothing in %s); in the sources' folder run: "
                + "mvn -DskipTests install && mvn -f %s package")
            .formatted(target, PROJECT.resolve("pom.xml")));
  }
}
