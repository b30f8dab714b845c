package io.voiceprint.cli;

import picocli.CommandLine.Option;

/** How much a command says on standard error. */
final class Verbosity {
  @Option(
      names = {"-v", "--verbose"},
      description = "Say what is done and where; twice: everything, with stack traces.")
  private boolean[] verbose = {};

  @Option(
      names = {"-q", "--quiet"},
      description = "Say nothing but errors.")
  private boolean quiet;

  /** From here on, says this much. */
  void apply(Terminal terminal) {
    terminal.verbosity(quiet ? -1 : Math.min(verbose.length, 2));
    LogHandler.install(terminal);
  }
}
