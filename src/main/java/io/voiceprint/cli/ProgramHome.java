package io.voiceprint.cli;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** The folder that holds this program with what belongs to it. */
final class ProgramHome {
  private ProgramHome() {}

  /**
   * The folder that the launcher names in the system property {@code voiceprint.home}, or else the
   * one above the jar's.
   */
  static Path find() {
    String named = System.getProperty("voiceprint.home");
    return named == null ? aboveProgram() : Path.of(named);
  }

  /** Both {@code target/voiceprint-….jar} and {@code target/classes} lie two steps below. */
  private static Path aboveProgram() {
    try {
      return Path.of(ProgramHome.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .getParent()
          .getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the program's own folder has no path", e);
    }
  }
}
