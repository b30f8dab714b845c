package io.voiceprint.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code voiceprint}: the commands. */
@Command(
    name = "voiceprint",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = picocli.CommandLine.ScopeType.INHERIT,
    description = "Speaker embeddings (voiceprints) from speech.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
      "  Do two recordings hold the same voice?",
      "    voiceprint verify monday.wav tuesday.wav",
      "  The embeddings of a folder of recordings, as JSON lines:",
      "    voiceprint embed corpus/ > corpus.jsonl",
      "  What is in a weight file?",
      "    voiceprint info eres2net.ckpt",
      "",
      "Results go to standard output, everything else to standard error.",
      "voiceprint COMMAND --help has more examples.",
      "",
      "Environment:",
      "  VOICEPRINT_JAVA_OPTS  options for Java, such as -Xmx8g (read by the launcher)",
      "  VOICEPRINT_DEBUG      if set, errors come with stack traces, as with -vv"
    })
final class VoiceprintCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given; choose one of " + String.join(", ", spec.subcommands().keySet()));
  }
}
