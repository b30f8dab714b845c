package io.voiceprint.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The commit of the checkout that this program was started from. */
final class SourceCommit {
  private static final long TIMEOUT_SECONDS = 5;

  private SourceCommit() {}

  /** Its hash, with {@code -dirty} if files were changed since; empty outside a checkout. */
  static String find() {
    Path home = ProgramHome.find();
    if (!Files.exists(home.resolve(".git"))) {
      return "";
    }
    ProcessBuilder git =
        new ProcessBuilder(
                "git",
                "-C",
                home.toString(),
                "describe",
                "--always",
                "--dirty",
                "--exclude=*",
                "--abbrev=40")
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      Process process = git.start();
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        String line = lines.readLine();
        boolean ended = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        return ended && process.exitValue() == 0 && line != null ? line : "";
      } finally {
        process.destroy();
      }
    } catch (IOException e) {
      return ""; // No git: then the commit is not known.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
