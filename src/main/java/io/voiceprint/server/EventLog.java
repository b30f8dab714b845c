package io.voiceprint.server;

import io.voiceprint.server.config.ModelSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * What the server has to say, as records with fields; {@link JsonLogFormatter} writes them. Where
 * they go is given: the process's own logging forgets its handlers as soon as the process is told
 * to stop, and then a server still has something to say.
 */
final class EventLog {
  /** Of all its records. */
  static final String NAME = "io.voiceprint.server";

  private final Consumer<LogRecord> output;

  EventLog(Consumer<LogRecord> output) {
    this.output = output;
  }

  void modelLoaded(ServedModel model, long nanos) {
    event(
        Level.INFO,
        "model loaded",
        Map.of(
            "model", model.name(),
            "device", model.encoder().device(),
            "seconds", nanos * 1e-9));
  }

  void modelFailed(ModelSpec spec, String reason) {
    event(
        Level.WARNING,
        "model cannot be loaded",
        Map.of("model", spec.name(), "file", spec.file().toString(), "reason", reason));
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
    output.accept(entry);
  }

  private void event(Level level, String message, Map<String, ?> fields) {
    output.accept(entry(level, message, fields));
  }

  private static LogRecord entry(Level level, String message, Map<String, ?> fields) {
    LogRecord entry = new LogRecord(level, message);
    entry.setLoggerName(NAME);
    entry.setParameters(new Object[] {new LinkedHashMap<>(fields)});
    return entry;
  }
}
