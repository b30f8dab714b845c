package io.voiceprint.server;

import java.io.PrintStream;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** Writes each record as a line of JSON. */
public final class JsonLogHandler extends Handler {
  /** Held, since a logger that nobody holds forgets its level. */
  private static final List<Logger> LIBRARIES =
      Stream.of("com.linecorp.armeria", "io.grpc", "io.netty").map(Logger::getLogger).toList();

  private final PrintStream stream;

  private JsonLogHandler(PrintStream stream, Level level) {
    this.stream = stream;
    setFormatter(new JsonLogFormatter());
    setLevel(level);
  }

  /**
   * Sends the log of this process to a stream, in place of where it went before.
   *
   * @param level below which nothing is written; libraries only ever write warnings
   * @return what writes it, for {@link
   *     VoiceprintServer#start(io.voiceprint.server.config.ServerConfig,
   *     java.util.function.Consumer)}
   */
  public static JsonLogHandler install(PrintStream stream, Level level) {
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    JsonLogHandler json = new JsonLogHandler(stream, level);
    root.addHandler(json);
    root.setLevel(level);
    LIBRARIES.forEach(library -> library.setLevel(Level.WARNING));
    return json;
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
