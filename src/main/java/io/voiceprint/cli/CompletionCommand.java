package io.voiceprint.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code voiceprint completion}: lets the shell complete commands and options. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = "Prints a script that lets the shell complete commands and options.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  For this session:",
      "    source <(voiceprint completion bash)",
      "  For every session of bash, and of zsh:",
      "    echo 'source <(voiceprint completion bash)' >> ~/.bashrc",
      "    echo 'source <(voiceprint completion zsh)' >> ~/.zshrc"
    })
final class CompletionCommand implements Callable<Integer> {
  /** Shells that the script is for; it tells by itself which one reads it. */
  enum Shell {
    BASH,
    ZSH
  }

  private final Terminal terminal;

  @Spec private CommandSpec spec;

  /** Only checked: both shells get the same script. */
  @SuppressWarnings("UnusedVariable")
  @Parameters(index = "0", paramLabel = "SHELL", description = "bash or zsh.")
  private Shell shell;

  CompletionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    terminal.out().print(AutoComplete.bash(spec.root().name(), spec.root().commandLine()));
    return ExitCode.OK;
  }
}
