package io.voiceprint.bench.report;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The example of bench/README.md, whole or with a part replaced. */
final class ExampleResults {
  private ExampleResults() {}

  static String text() throws IOException {
    try (InputStream in = ExampleResults.class.getResourceAsStream("/bench/example.json")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static Path write(Path folder) throws IOException {
    return Files.writeString(folder.resolve("example.json"), text());
  }

  /** With the first place that has {@code part} changed. */
  static Path write(Path folder, String part, String replacement) throws IOException {
    String text = text();
    int at = text.indexOf(part);
    assertTrue(at >= 0, "the example holds no " + part);
    String changed = text.substring(0, at) + replacement + text.substring(at + part.length());
    return Files.writeString(folder.resolve("changed.json"), changed);
  }
}
