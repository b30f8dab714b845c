package io.voiceprint.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands in a line of the log. */
class JsonLogFormatterTest {
  /** Libraries tell of clients that break HTTP: one line each, not fifty. */
  @ParameterizedTest
  @CsvSource({"io.voiceprint.server, true", "com.linecorp.armeria.server, false", ", false"})
  void onlyOwnFailuresHaveAStackTrace(String logger, boolean stack) {
    LogRecord entry = new LogRecord(Level.WARNING, "it failed");
    entry.setLoggerName(logger);
    entry.setThrown(new IllegalStateException("why"));
    String line = new JsonLogFormatter().format(entry);
    assertTrue(line.endsWith("}\n") && line.indexOf('\n') == line.length() - 1, line);
    var json = RunningServer.json(line.getBytes(StandardCharsets.UTF_8));
    assertEquals("java.lang.IllegalStateException: why", json.get("error").asText());
    assertEquals(stack, json.has("stack"));
  }
}
