package io.voiceprint.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The two streams of one run: results on one, messages on the other. Messages are single lines that
 * begin with the program's name, and share their stream with a progress bar. Thread-safe.
 */
final class Terminal {
  /** Said where results do not reach standard output. */
  static final String OUTPUT_LOST = "cannot write to standard output: closed or full";

  private static final String CLEAR_LINE = "\r\033[K";

  private final PrintStream out;
  private final PrintStream err;
  private final boolean debug;
  private int verbosity;
  private String bar = "";

  Terminal(PrintStream out, PrintStream err) {
    this.out = new PrintStream(out, false, StandardCharsets.UTF_8);
    this.err = new PrintStream(err, true, StandardCharsets.UTF_8);
    this.debug = System.getenv("VOICEPRINT_DEBUG") != null;
  }

  /** Where results go. */
  PrintStream out() {
    return out;
  }

  /**
   * How much is said.
   *
   * @param level -1 for errors alone, 0 for warnings and notices, 1 for what is done and where, 2
   *     for everything, stack traces included
   */
  synchronized void verbosity(int level) {
    verbosity = level;
  }

  synchronized int verbosity() {
    return debug ? 2 : verbosity;
  }

  /** Says what went wrong. */
  void error(String message) {
    print(message);
  }

  /** Says something that the user should know. */
  void notice(String message) {
    if (verbosity() >= 0) {
      print(message);
    }
  }

  /** Says where an error came from, to those who asked for everything. */
  synchronized void trace(Throwable cause) {
    if (verbosity() >= 2) {
      showBar("");
      cause.printStackTrace(err);
    }
  }

  /** Shows a line that the next message, or the next bar, replaces; an empty one clears it. */
  synchronized void showBar(String line) {
    if (!bar.isEmpty() || !line.isEmpty()) {
      err.print(CLEAR_LINE + line);
      err.flush();
      bar = line;
    }
  }

  /**
   * Whether a stream of this process is a terminal. Java itself tells only of input and output
   * together, so the system is asked; where it has no {@code /proc}, the answer is no.
   *
   * @param descriptor 1 for standard output, 2 for standard error
   */
  static boolean isTerminal(int descriptor) {
    try {
      Path device = Files.readSymbolicLink(Path.of("/proc/self/fd", String.valueOf(descriptor)));
      return device.startsWith("/dev/pts") || device.toString().startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** One line of text, whatever the message holds. */
  static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** A count with its noun: {@code "1 file"}, {@code "2 files"}. */
  static String count(long number, String noun) {
    return String.format(Locale.ROOT, "%d %s%s", number, noun, number == 1 ? "" : "s");
  }

  private synchronized void print(String message) {
    String shown = bar;
    showBar("");
    err.println("voiceprint: " + oneLine(message));
    showBar(shown);
  }
}
