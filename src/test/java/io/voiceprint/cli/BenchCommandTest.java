package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BenchCommandTest {
  @TempDir private Path folder;

  @Test
  @SuppressWarnings("unchecked")
  void printsATableAndWritesJson() throws IOException {
    Path json = folder.resolve("bench.json");
    CliRun run =
        CliRun.of(
            (Object[])
                ("bench --arch eres2net-micro --device reference --precision fp32,fp16 --batch 1,2"
                        + " --seconds 0.3 --duration 0.01 --json "
                        + json)
                    .split(" "));
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("p50 ms"), run.out());
    Map<String, Object> report = Json.object(Files.readString(json));
    assertEquals(
        "seeded-weights", ((Map<String, Object>) report.get("model")).get("source").toString());
    List<Map<String, Object>> runs = (List<Map<String, Object>>) report.get("runs");
    assertEquals(
        List.of("fp32", "fp16"), runs.stream().map(each -> each.get("precision")).toList());
    for (Map<String, Object> each : runs) {
      assertEquals("", each.get("refused"));
      assertEquals(1, ((List<?>) each.get("checks")).size());
      List<Map<String, Object>> measurements = (List<Map<String, Object>>) each.get("measurements");
      assertEquals(List.of(1.0, 2.0), measurements.stream().map(m -> m.get("batch")).toList());
      for (Map<String, Object> m : measurements) {
        assertTrue((double) m.get("p50_ms") > 0);
        assertTrue((double) m.get("calls") >= 3);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bench --batch 0",
        "bench --seconds -1",
        "bench --duration 0",
        "bench --arch eres3net",
        "bench --model a.ckpt --arch res2net"
      })
  void refusesWhatCannotBeMeasured(String line) {
    CliRun run = CliRun.of((Object[]) line.split(" "));
    assertEquals(2, run.exitCode(), run.err());
    assertEquals("", run.out());
    assertEquals(1, run.errLines().size(), run.err());
  }
}
