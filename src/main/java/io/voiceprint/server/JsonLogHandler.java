package io.voiceprint.server;

import java.io.PrintStream;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/** Writes each record as a line of JSON. */
final class JsonLogHandler extends Handler {
  private final PrintStream stream;

  JsonLogHandler(PrintStream stream) {
    this.stream = stream;
    setFormatter(new JsonLogFormatter());
  }

  @Override
  public void publish(LogRecord entry) {
    if (isLoggable(entry)) {
      stream.print(getFormatter().format(entry));
    }
  }

  @Override
  public void flush() {
    stream.flush();
  }

  @Override
  public void close() {}
}
