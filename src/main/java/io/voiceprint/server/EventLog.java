package io.voiceprint.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the server has to say, as records with fields; {@link JsonLogFormatter} writes them. */
final class EventLog {
  private static final Logger LOGGER = Logger.getLogger("io.voiceprint.server");

  void modelLoaded(ServedModel model, long nanos) {
    event(
        Level.INFO,
        "model loaded",
        Map.of(
            "model", model.name(),
            "device", model.encoder().device(),
            "seconds", nanos * 1e-9));
  }

  void modelUnloaded(String name) {
    event(Level.INFO, "model unloaded", Map.of("model", name));
  }

  void info(String message, Map<String, ?> fields) {
    event(Level.INFO, message, fields);
  }

  void warning(String message) {
    event(Level.WARNING, message, Map.of());
  }

  void warning(String message, Throwable cause) {
    LogRecord entry = entry(Level.WARNING, message, Map.of());
    entry.setThrown(cause);
    LOGGER.log(entry);
  }

  private static void event(Level level, String message, Map<String, ?> fields) {
    LOGGER.log(entry(level, message, fields));
  }

  private static LogRecord entry(Level level, String message, Map<String, ?> fields) {
    LogRecord entry = new LogRecord(level, message);
    entry.setLoggerName(LOGGER.getName());
    entry.setParameters(new Object[] {new LinkedHashMap<>(fields)});
    return entry;
  }
}
