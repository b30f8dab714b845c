package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.simcuda.OnSimCuda;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** On the software CUDA device, whose times mean nothing but are times. */
@ExtendWith(OnSimCuda.class)
final class TuneCommandOnDeviceTest {
  private static final String KEPT = "kept in ";
  private static final Pattern TIMED = Pattern.compile("  (\\S+) +[0-9.]+ us(  usual)?(  chosen)?");

  @Test
  void explainShowsTheTimesOfEveryCandidateOfALayer() throws IOException {
    CliRun run =
        CliRun.of(
            "tune",
            "-q",
            "--arch",
            "eres2net-micro",
            "--precision",
            "fp32",
            "--seconds",
            "0.12",
            "--explain");
    assertEquals(0, run.exitCode(), run.err());
    List<String> lines = run.out().lines().toList();
    String last = lines.get(lines.size() - 1);
    assertTrue(last.startsWith(KEPT), last);
    Files.delete(Path.of(last.substring(KEPT.length())));
    assertCandidates(lines, "conv FP32 ", List.of("kernel-simt"));
    assertCandidates(lines, "block FP32 ", List.of("separate", "block-4x4", "block-8x16"));
    assertCandidates(lines, "fusion FP32 ", List.of("fused", "products"));
    assertCandidates(lines, "downsample FP32 ", List.of("separate", "downsample-2x8"));
    assertCandidates(lines, "stem FP32 ", List.of("separate", "stem-cmn"));
  }

  /** All layers of a kind have a time for each of these, and one that was chosen. */
  private static void assertCandidates(List<String> lines, String kind, List<String> names) {
    List<String> layers = lines.stream().filter(line -> line.startsWith(kind)).toList();
    assertTrue(!layers.isEmpty(), () -> "no " + kind + "in " + lines);
    for (String layer : layers) {
      List<String> timed =
          lines.stream()
              .dropWhile(line -> !line.equals(layer))
              .skip(1)
              .takeWhile(line -> TIMED.matcher(line).matches())
              .toList();
      assertTrue(
          timed.stream()
              .map(line -> line.strip().replaceFirst(" .*", ""))
              .toList()
              .containsAll(names),
          () -> layer + timed);
      assertEquals(1, timed.stream().filter(line -> line.endsWith("chosen")).count(), layer);
      assertEquals(1, timed.stream().filter(line -> line.contains("  usual")).count(), layer);
      assertTrue(layer.matches(".* [\\w/]+: \\w[\\w., ]*"), layer);
    }
  }
}
