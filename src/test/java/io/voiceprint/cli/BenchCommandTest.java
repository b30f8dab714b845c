package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.Device;
import io.voiceprint.DeviceAvailability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BenchCommandTest {
  private static final String QUICK = " --arch eres2net-micro --duration 0.01 --warm-up 0 ";

  /** What only an engine writes that measures its device. */
  private static final Set<String> DEVICE_ONLY =
      Set.of(
          ".ceilings[].gb_per_second",
          ".ceilings[].memory_how",
          ".ceilings[].launch_ms",
          ".ceilings[].graph_launch_ms",
          ".profiles[].timing",
          ".profiles[].launches",
          ".profiles[].least_ms.arithmetic",
          ".profiles[].least_ms.memory",
          ".profiles[].least_ms.launches",
          ".profiles[].layers[].launches",
          ".profiles[].layers[].gb_per_second",
          ".profiles[].layers[].share_of_memory_ceiling",
          ".profiles[].layers[].share_of_launches",
          ".profiles[].layers[].limit");

  @TempDir private Path folder;

  private CliRun bench(String options) {
    return CliRun.of((Object[]) ("bench" + QUICK + options).strip().split(" +"));
  }

  private Map<String, Object> json() throws IOException {
    return Json.object(Files.readString(folder.resolve("bench.json")));
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Map<String, Object> object, String field) {
    return (List<Map<String, Object>>) object.get(field);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Map<String, Object> object, String field) {
    return (Map<String, Object>) object.get(field);
  }

  private static void assumePresent(String device) {
    assumeTrue(
        DeviceAvailability.all().stream()
            .filter(each -> each.device() == Device.valueOf(device))
            .allMatch(DeviceAvailability::isAvailable),
        device + " engine is not available here");
  }

  @ParameterizedTest
  @ValueSource(strings = {"REFERENCE", "CPU"})
  void printsATableAndWritesEverythingAsJson(String device) throws IOException {
    assumePresent(device);
    Path picture = folder.resolve("profile.svg");
    CliRun run =
        bench(
            "--device %s --batch 1,2 --seconds 0.3 --mixed 0.2-0.5 --profile=%s --json %s"
                .formatted(device, picture, folder.resolve("bench.json")));
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("p99.9 ms"), run.out());
    assertTrue(run.out().contains("ceiling "), run.out());
    assertTrue(run.out().contains("layer4.0.conv1"), run.out());
    assertTrue(run.out().contains("from 16-bit samples to embeddings"), run.out());
    assertTrue(Files.readString(picture).contains("layer4.0.conv1"));
    Map<String, Object> report = json();
    assertEquals("voiceprint-bench", report.get("schema"));
    assertEquals(1.0, report.get("version"));
    assertTrue(report.get("command").toString().startsWith("voiceprint bench --arch"));
    String engine = "voiceprint %s fp32".formatted(device.toLowerCase(Locale.ROOT));
    List<Map<String, Object>> results = list(report, "results");
    assertEquals(
        List.of("latency", "throughput", "mixed"),
        results.stream().map(each -> object(each, "workload").get("kind")).toList());
    for (Map<String, Object> result : results) {
      assertEquals(engine, result.get("engine"));
      assertEquals("eres2net-micro", object(result, "model").get("name"));
      assertEquals("int16", result.get("samples"));
      assertFalse(result.containsKey("refused"));
      Map<String, Object> latency = object(result, "latency_ms");
      double last = 0;
      for (String percentile : List.of("min", "p50", "p90", "p99", "p99_9", "max")) {
        double ms = (double) latency.get(percentile);
        assertTrue(ms > 0 && ms >= last, latency.toString());
        last = ms;
      }
      assertTrue((double) result.get("gflop_per_second") > 0);
      assertTrue((double) result.get("share_of_ceiling") > 0);
    }
    for (String part : List.of("ceilings", "memory", "openings", "profiles")) {
      assertEquals(engine, list(report, part).get(0).get("engine"), part);
    }
    double pass = (double) list(report, "profiles").get(0).get("pass_ms");
    assertTrue(run.out().contains(String.format(Locale.ROOT, "a whole pass %.3f ms", pass)));
    double shares = 0;
    for (Map<String, Object> layer : list(list(report, "profiles").get(0), "layers")) {
      shares += (double) layer.get("share_of_total");
    }
    assertEquals(1, shares, 1e-9);
  }

  @Test
  void everyPrecisionIsAnEngineOfItsOwn() throws IOException {
    CliRun run =
        bench(
            "--device reference --precision fp32,fp16 --batch 1 --seconds 0.3 --json "
                + folder.resolve("bench.json"));
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(
        List.of("voiceprint reference fp32", "voiceprint reference fp16"),
        list(json(), "results").stream().map(each -> each.get("engine")).toList());
  }

  @Test
  void callsCanComeAtARate() throws IOException {
    String line =
        "bench --arch eres2net-micro --device reference --batch 1 --seconds 0.3 --mixed 0.2-0.4"
            + " --rate 100,200 --arrivals fixed --warm-up 0 --duration 0.05 --json "
            + folder.resolve("bench.json");
    CliRun run = CliRun.of((Object[]) line.split(" "));
    assertEquals(0, run.exitCode(), run.err());
    List<Map<String, Object>> results = list(json(), "results");
    assertEquals(4, results.size());
    for (Map<String, Object> result : results) {
      Map<String, Object> workload = object(result, "workload");
      assertEquals("open-loop", workload.get("kind"));
      assertEquals("fixed", workload.get("arrivals"));
      assertEquals(16.0, workload.get("concurrency"));
      double unsent = (double) result.getOrDefault("unsent", 0.0);
      assertEquals((double) workload.get("rate") * 0.05, (double) result.get("calls") + unsent);
      assertTrue(
          (double) object(result, "latency_ms").get("max")
              >= (double) object(result, "uncorrected_ms").get("max"));
    }
  }

  @Test
  void aColdStartIsThatOfANewProcess() throws IOException {
    CliRun run =
        bench(
            "--device reference --batch 1 --seconds 0.3 --cold-start 2 --json "
                + folder.resolve("bench.json"));
    assertEquals(0, run.exitCode(), run.err());
    Map<String, Object> result = list(json(), "results").get(1);
    assertEquals("cold-start", object(result, "workload").get("kind"));
    assertTrue((double) object(result, "check").get("relative_error") < 1e-5);
    assertEquals(2, list(result, "cold_start").size());
    for (Map<String, Object> start : list(result, "cold_start")) {
      double parts = 0;
      for (String part : List.of("runtime_ms", "load_ms", "open_ms", "first_call_ms")) {
        assertTrue((double) start.get(part) > 0, part);
        parts += (double) start.get(part);
      }
      assertTrue(parts <= (double) start.get("process_ms"), start.toString());
    }
  }

  /** What the format's description shows, this program writes, and nothing else. */
  @Test
  void theExampleHasTheFieldsThatAreWritten() throws IOException {
    CliRun run =
        bench(
            "--device reference --batch 1,2 --seconds 0.3 --mixed 0.2-0.4 --cold-start 1 --profile"
                + " --json "
                + folder.resolve("bench.json"));
    assertEquals(0, run.exitCode(), run.err());
    Map<String, Object> example =
        Json.object(Files.readString(Path.of("src/test/resources/bench/example.json")));
    Set<String> described = paths("", example);
    Set<String> written = paths("", json());
    Set<String> unknown = new LinkedHashSet<>(written);
    unknown.removeAll(described);
    unknown.remove(".memory[].device_mib");
    unknown.remove(".results[].histogram.data"); // Text here, numbers there: both are allowed.
    assertEquals(Set.of(), unknown, "written, but not in the example");
    Set<String> missing = new LinkedHashSet<>(described);
    missing.removeAll(written);
    missing.removeIf(
        path ->
            path.contains("uncorrected_ms")
                || path.endsWith("rate")
                || path.endsWith("arrivals")
                || path.endsWith(".refused")
                || DEVICE_ONLY.contains(path)
                || path.endsWith("histogram.data[]")
                || path.equals(".commit"));
    assertEquals(Set.of(), missing, "in the example, but not written");
  }

  private static Set<String> paths(String prefix, Object value) {
    Set<String> paths = new LinkedHashSet<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((name, part) -> paths.addAll(paths(prefix + "." + name, part)));
    } else if (value instanceof List<?> parts) {
      parts.forEach(part -> paths.addAll(paths(prefix + "[]", part)));
    } else {
      paths.add(prefix);
    }
    return paths;
  }

  @Test
  void saysHowToBuildAPeerThatIsNotThere() {
    String before = System.setProperty("voiceprint.home", folder.toString());
    try {
      CliRun run = CliRun.of("bench", "--peer", "onnxruntime", "--onnx", "net.onnx");
      assertEquals(3, run.exitCode(), run.err());
      assertTrue(run.err().contains("mvn -f bench/peers/onnxruntime/pom.xml package"), run.err());
    } finally {
      if (before == null) {
        System.clearProperty("voiceprint.home");
      } else {
        System.setProperty("voiceprint.home", before);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bench --batch 0",
        "bench --seconds -1",
        "bench --duration 0",
        "bench --warm-up -1",
        "bench --concurrency 0",
        "bench --rate 0",
        "bench --rate 10 --arrivals often",
        "bench --mixed 5-1",
        "bench --mixed many",
        "bench --cold-start -1",
        "bench --arch eres3net",
        "bench --model a.ckpt --arch res2net",
        "bench --peer onnxruntime",
        "bench --onnx net.onnx",
        "bench --peer tensorflow --onnx net.onnx",
        "bench --peer onnxruntime --onnx net.onnx --peer-device tpu"
      })
  void refusesWhatCannotBeMeasured(String line) {
    CliRun run = CliRun.of((Object[]) line.split(" "));
    assertEquals(2, run.exitCode(), run.err());
    assertEquals("", run.out());
    assertEquals(1, run.errLines().size(), run.err());
  }
}
