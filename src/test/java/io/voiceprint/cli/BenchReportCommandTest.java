package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchReportCommandTest {
  @TempDir private Path folder;
  private Path example;

  @BeforeEach
  void copyTheExample() throws IOException {
    example = folder.resolve("example.json");
    try (InputStream in = getClass().getResourceAsStream("/bench/example.json")) {
      Files.copy(in, example);
    }
  }

  @Test
  void writesThePageAndTheCharts() throws IOException {
    Path page = folder.resolve("new/report.html");
    Path charts = folder.resolve("charts");
    CliRun run = CliRun.of("bench", "report", example, "--output", page, "--charts", charts);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("", run.out());
    assertTrue(Files.readString(page).startsWith("<!DOCTYPE html>"));
    try (Stream<Path> files = Files.list(charts)) {
      assertEquals(5, files.filter(file -> file.toString().endsWith(".svg")).count());
    }
  }

  @Test
  void saysInOneLineWhatIsWrongAndLeavesNothing() throws IOException {
    Path page = folder.resolve("report.html");
    Path bad = folder.resolve("bad.json");
    Files.writeString(bad, Files.readString(example).replaceFirst("\"p50\"", "\"p5\""));
    CliRun run = CliRun.of("bench", "report", example, bad, "--output", page);
    assertEquals(1, run.exitCode());
    assertEquals(1, run.errLines().size(), run.err());
    assertTrue(run.err().contains("bad.json: results[0].latency_ms.p50 is missing"), run.err());
    assertFalse(Files.exists(page));
  }

  @Test
  void missingFileAndMissingArgumentAreSaid() {
    CliRun missing = CliRun.of("bench", "report", folder.resolve("none.json"));
    assertEquals(1, missing.exitCode());
    assertTrue(missing.err().contains("none.json: no such file"), missing.err());
    assertEquals(2, CliRun.of("bench", "report").exitCode());
  }
}
