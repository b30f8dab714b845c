package io.voiceprint.peers.onnxruntime;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands of this program. */
@Command(
    name = "voiceprint-peer-onnxruntime",
    mixinStandardHelpOptions = true,
    description = "ONNX Runtime beside Voiceprint.",
    subcommands = {Peer.class, SideBySide.class, Export.class, Alone.class})
public final class Commands {
  private static final int UNUSABLE = 3;

  Commands() {}

  /** Entry point. */
  public static void main(String[] arguments) {
    System.exit(execute(new Commands(), arguments));
  }

  /** Runs a command; what cannot be used is said in one line and is exit code 3. */
  static int execute(Object command, String... arguments) {
    return new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (e, commandLine, parsed) -> {
              System.err.println("voiceprint-peer-onnxruntime: " + e.getMessage());
              return UNUSABLE;
            })
        .execute(arguments);
  }

  /** Name and version. */
  static String program() {
    String version = Commands.class.getPackage().getImplementationVersion();
    return "voiceprint-peer-onnxruntime" + (version == null ? "" : " " + version);
  }
}
