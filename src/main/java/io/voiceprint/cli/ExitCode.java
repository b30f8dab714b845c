package io.voiceprint.cli;

/** What the process tells its caller. */
final class ExitCode {
  /** Everything that was asked for was done. */
  static final int OK = 0;

  /** Some inputs failed, or a result could not be written. */
  static final int FAILED = 1;

  /** The command line is wrong; nothing was done. */
  static final int USAGE = 2;

  /** The model or the device cannot be used. */
  static final int UNUSABLE = 3;

  private ExitCode() {}
}
