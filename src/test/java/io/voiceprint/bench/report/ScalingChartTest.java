package io.voiceprint.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.bench.report.LineFit.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScalingChartTest {
  @TempDir private Path folder;

  @Test
  void findsTheLine() {
    LineFit fit = LineFit.of(List.of(new Point(1, 5), new Point(3, 11), new Point(10, 32)));
    assertEquals(3, fit.slope(), 1e-12);
    assertEquals(2, fit.intercept(), 1e-12);
    assertEquals(1, fit.r2(), 1e-12);
    assertEquals(62, fit.at(20), 1e-12);
  }

  /** y = x² at 0, 1, 2: slope 2, intercept -1/3, R² = 12/13. */
  @Test
  void saysHowWellItFits() {
    LineFit fit = LineFit.of(List.of(new Point(0, 0), new Point(1, 1), new Point(2, 4)));
    assertEquals(2, fit.slope(), 1e-12);
    assertEquals(-1.0 / 3, fit.intercept(), 1e-12);
    assertEquals(12.0 / 13, fit.r2(), 1e-12);
  }

  @Test
  void refusesPointsAboveEachOther() {
    assertThrows(
        IllegalArgumentException.class,
        () -> LineFit.of(List.of(new Point(1, 1), new Point(1, 2))));
  }

  @Test
  void appearsWithThreeLengthsAndSaysTheSlope() throws IOException {
    assertTrue(charts(1, 3).isEmpty(), "two points make no line");
    String chart = charts(1, 3, 10).values().iterator().next();
    assertTrue(chart.contains("7.00 ms/s + 0.500 ms, R² 1.0000"), chart);
  }

  /** Of results that take 7 ms for a second and 0.5 ms besides. */
  private Map<String, String> charts(int... seconds) throws IOException {
    StringBuilder results = new StringBuilder();
    for (int s : seconds) {
      double ms = 7 * s + 0.5;
      results
          .append(results.isEmpty() ? "" : ",")
          .append(
              """
              {"engine": "voiceprint cpu fp32", "model": {"name": "m"}, "boundary": "pcm",
               "workload": {"name": "1 x %1$d s", "kind": "latency", "clips": 1, "seconds": %1$d,
                            "frames": %2$d, "audio_seconds": %1$d, "concurrency": 1},
               "calls": 9,
               "latency_ms": {"min": %3$s, "p50": %3$s, "p90": %3$s, "p99": %3$s, "max": %3$s}}
              """
                  .formatted(s, 100 * s - 2, ms));
    }
    Path file =
        Files.writeString(
            folder.resolve("lengths.json"),
            """
            {"schema": "voiceprint-bench", "version": 1, "time": "", "program": "",
             "machine": {}, "results": [%s]}
            """
                .formatted(results));
    Map<String, String> charts = Report.read(List.of(file)).charts();
    charts.keySet().removeIf(name -> !name.endsWith("-length.svg"));
    return charts;
  }
}
