package io.voiceprint.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.bench.format.MalformedResultsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResultsReaderTest {
  @TempDir private Path folder;

  @Test
  void readsTheExample() throws IOException {
    Results results = ResultsReader.read(ExampleResults.write(folder));
    assertEquals(7, results.results().size());
    Results.Result first = results.results().get(0);
    assertEquals("voiceprint cpu fp32", first.engine());
    assertEquals(98, first.workload().frames());
    assertEquals(2.0, first.latency().p50());
    assertEquals(0.016, first.shareOfCeiling().orElseThrow());
    assertEquals(3, results.results().get(5).coldStarts().size());
    assertFalse(results.results().get(6).refused().isEmpty());
    assertFalse(results.results().get(6).isTimed());
    assertEquals(2, results.profiles().get(0).layers().size());
    assertEquals(500.0, results.ceilings().get(0).gflopPerSecond().orElseThrow());
    assertEquals(400.0, results.ceilings().get(1).gbPerSecond().orElseThrow());
    assertEquals(0.002, results.ceilings().get(1).graphLaunchMs().orElseThrow());
    Results.Profile profile = results.profiles().get(1);
    assertEquals(0.0102, profile.least().orElseThrow().memory());
    assertEquals(0.5, profile.layers().get(0).shareOfMemoryCeiling().orElseThrow());
    assertEquals("launches", profile.layers().get(1).limit());
    assertEquals(300.0, results.memory().get(0).peakResident().orElseThrow());
    assertEquals("Example CPU", results.machine().processor());
  }

  /** As files were before memory and launches were measured. */
  @Test
  void readsProfilesWithoutLimits() throws IOException {
    Results results = ResultsReader.read(ExampleResults.write(folder));
    Results.Profile profile = results.profiles().get(0);
    assertTrue(profile.least().isEmpty());
    assertTrue(profile.launches().isEmpty());
    assertTrue(results.ceilings().get(0).gbPerSecond().isEmpty());
    for (Results.Layer layer : profile.layers()) {
      assertTrue(layer.launches().isEmpty() && layer.shareOfMemoryCeiling().isEmpty());
      assertEquals("", layer.limit());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
"schema": "voiceprint-bench" | "schema": "other"        | schema
"version": 1                 | "version": 2             | version
"version": 1                 | "version": "1"           | version is not a number
"program": "voiceprint 0.1.0"| "program": 7             | program is not a text
"machine": {                 | "machines": {            | machine is missing
"results": [                 | "results": 3, "x": [     | results is not an array
"results": [                 | "results": [ 3,          | results[0] is not an object
"engine": "voiceprint cpu fp32" | "engine": null        | results[0].engine is not a text
"clips": 1                   | "clips": 0.5             | results[0].workload.clips
"clips": 1                   | "clips": -1              | results[0].workload.clips
"frames": 98                 | "frames": 1e12           | results[0].workload.frames
"p50": 2.0                   | "p50": 1e999             | results[0].latency_ms.p50
"p50": 2.0                   | "p50": "2"               | results[0].latency_ms.p50 is not a number
"p99": 4.0                   | "p98": 4.0               | results[0].latency_ms.p99 is missing
"latency_ms": {              | "latency": {             | results[0].latency_ms is missing
"calls": 4                   | "call": 4                | results[0].calls is missing
"open_ms": 155.0             | "open": 155.0            | results[5].cold_start[1].open_ms is missing
"peak_resident_mib": 300.0   | "peak_resident_mib": []  | memory[0].peak_resident_mib
"ms": 1.5                    | "ms": -1.5               | profiles[0].layers[1].ms
"gb_per_second": 400.0       | "gb_per_second": []      | ceilings[1].gb_per_second
"memory": 0.0102             | "memories": 0.0102       | profiles[1].least_ms.memory is missing
"limit": "memory"            | "limit": 1               | profiles[1].layers[0].limit
"passes": 20                 | "passes": true           | profiles[0].passes
"passes": 20                 | "passes": 20, "passes": 2 | passes
"time":                      | "time" "x":              | line 4
""")
  void namesTheFileAndTheFieldThatIsWrong(String part, String replacement, String expected)
      throws IOException {
    Path file = ExampleResults.write(folder, part.strip(), replacement.strip());
    MalformedResultsException e =
        assertThrows(MalformedResultsException.class, () -> ResultsReader.read(file));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  @Test
  void refusesWhatIsNoFileOfResults() throws IOException {
    for (String text : new String[] {"", "[]", "7", "{}", "{} {}", "{", "\u0000"}) {
      Path file = Files.writeString(folder.resolve("other.json"), text);
      MalformedResultsException e =
          assertThrows(MalformedResultsException.class, () -> ResultsReader.read(file), text);
      assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    }
  }

  @Test
  void limitsDepthNumberAndLength() throws IOException {
    refuses("\"x\": " + "[".repeat(100_000), "depth");
    refuses("\"x\": [" + "0,".repeat(600_000) + "0]", "values");
    refuses("\"x\": \"" + "a".repeat(30_000) + "\"", "characters");
    refuses("\"x\": " + "9".repeat(5_000), "length");
    StringBuilder results = new StringBuilder("\"results\": [{}");
    refuses(results.append(",{}".repeat(2_000)) + "]", "results has 2001 elements");
  }

  private void refuses(String fields, String expected) throws IOException {
    String head = "{\"schema\": \"voiceprint-bench\", \"version\": 1, \"time\": \"\",";
    Path file =
        Files.writeString(
            folder.resolve("large.json"),
            head + "\"program\": \"\", \"machine\": {}, " + fields + "}");
    MalformedResultsException e =
        assertThrows(MalformedResultsException.class, () -> ResultsReader.read(file));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertTrue(e.getMessage().length() < 1000, "a message of " + e.getMessage().length());
  }

  @Test
  void skipsHistogramsOfAnyLength() throws IOException {
    String data = "1.0, ".repeat(600_000) + "2.0";
    Path file = ExampleResults.write(folder, "[1.0, 2.0, 3.0, 4.0]", "[" + data + "]");
    assertEquals(7, ResultsReader.read(file).results().size());
  }
}
