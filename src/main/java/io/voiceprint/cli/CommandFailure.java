package io.voiceprint.cli;

/** Ends a command with one line for the user. */
final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CommandFailure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** The command line asks for something that cannot be; nothing was done. */
  static CommandFailure usage(String message) {
    return new CommandFailure(ExitCode.USAGE, message);
  }

  /** An input cannot be used, or a result cannot be written. */
  static CommandFailure failed(String message) {
    return new CommandFailure(ExitCode.FAILED, message);
  }

  /** The model or the device cannot be used. */
  static CommandFailure unusable(String message) {
    return new CommandFailure(ExitCode.UNUSABLE, message);
  }

  int exitCode() {
    return exitCode;
  }
}
