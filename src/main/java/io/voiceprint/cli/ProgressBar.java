package io.voiceprint.cli;

import java.util.Locale;

/** How far a long list has got, on a terminal. */
final class ProgressBar {
  private static final int WIDTH = 24;
  private static final long INTERVAL_NANOS = 100_000_000;

  private final Terminal terminal;
  private final int total;
  private final long start = System.nanoTime();
  private long shown = start - INTERVAL_NANOS;

  ProgressBar(Terminal terminal, int total) {
    this.terminal = terminal;
    this.total = total;
  }

  /** Shows that {@code done} of all files are done, {@code failed} of them in vain. */
  void update(int done, int failed) {
    long now = System.nanoTime();
    if (now - shown >= INTERVAL_NANOS) {
      shown = now;
      terminal.showBar(line(done, failed, total, (now - start) / 1e9));
    }
  }

  /** Takes the bar away. */
  void clear() {
    terminal.showBar("");
  }

  /** The bar after {@code seconds}. */
  static String line(int done, int failed, int total, double seconds) {
    int filled = (int) ((long) WIDTH * done / total);
    StringBuilder line =
        new StringBuilder("[")
            .append("#".repeat(filled))
            .append(" ".repeat(WIDTH - filled))
            .append("] ")
            .append(done)
            .append('/')
            .append(total);
    if (failed > 0) {
      line.append(", ").append(failed).append(" failed");
    }
    if (done > 0 && seconds > 0) {
      long left = Math.round(seconds / done * (total - done));
      line.append(String.format(Locale.ROOT, ", %.1f files/s", done / seconds));
      line.append(
          String.format(
              Locale.ROOT, ", %d:%02d:%02d left", left / 3600, left / 60 % 60, left % 60));
    }
    return line.toString();
  }
}
