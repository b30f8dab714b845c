package io.voiceprint.cli;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Sends the library's log to the terminal, one line each. */
final class LogHandler extends Handler {
  private final Terminal terminal;

  private LogHandler(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Becomes the only handler of this process's log. */
  static void install(Terminal terminal) {
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    LogHandler handler = new LogHandler(terminal);
    handler.setFormatter(new SimpleFormatter());
    root.addHandler(handler);
    root.setLevel(
        switch (terminal.verbosity()) {
          case -1 -> Level.SEVERE;
          case 0 -> Level.WARNING;
          case 1 -> Level.INFO;
          default -> Level.FINE;
        });
  }

  @Override
  public void publish(LogRecord entry) {
    if (!isLoggable(entry)) {
      return;
    }
    String message = getFormatter().formatMessage(entry);
    boolean warning = entry.getLevel().intValue() >= Level.WARNING.intValue();
    terminal.error(warning ? "warning: " + message : message);
    if (entry.getThrown() != null) {
      terminal.trace(entry.getThrown());
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
