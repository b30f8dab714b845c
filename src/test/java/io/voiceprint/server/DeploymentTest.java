package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.sample;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.voiceprint.server.config.ServerConfig;
import io.voiceprint.server.config.Setting;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What lies in {@code deploy/} speaks of settings, addresses and metrics that the server has. */
class DeploymentTest {
  private static final Path DEPLOY = Path.of("deploy");
  private static final Pattern METRIC = Pattern.compile("voiceprint_\\w+");

  @TempDir private Path folder;

  @Test
  void dashboardAsksForMetricsThatThereAre() throws Exception {
    JsonNode dashboard =
        new ObjectMapper().readTree(DEPLOY.resolve("grafana-dashboard.json").toFile());
    Set<String> asked = metrics(String.join("\n", dashboard.findValuesAsText("expr")));
    asked.addAll(metrics(String.join("\n", dashboard.findValuesAsText("definition"))));
    assertTrue(asked.size() > 20, asked.toString());
    Set<String> missing = new TreeSet<>(asked);
    missing.removeAll(served());
    // The CPU has no memory of its own to tell of.
    missing.removeIf(name -> name.matches("voiceprint_device_memory_(free|total)_bytes"));
    assertEquals(Set.of(), missing);
  }

  @Test
  void autoscalerGoesByAMetricThatThereIs() throws Exception {
    Map<?, ?> metric = find(manifest("HorizontalPodAutoscaler"), "metric");
    assertTrue(served().contains(metric.get("name")), metric.toString());
  }

  @Test
  void probesAskAddressesThatNeedNoToken() throws Exception {
    Path tokens = Files.writeString(folder.resolve("tokens"), "b9f6e0c4a1d24f7a8e3c5d60\n");
    try (RunningServer server = RunningServer.start("token-file=" + tokens)) {
      for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
        Map<?, ?> get = find(find(manifest("Deployment"), probe), "httpGet");
        assertEquals(200, server.get((String) get.get("path")).statusCode(), probe);
      }
    }
  }

  @Test
  void configurationsAreValid() throws Exception {
    Map<?, ?> data = find(manifest("ConfigMap"), "data");
    String unit = Files.readString(DEPLOY.resolve("voiceprint.yaml"));
    for (String text : List.of((String) data.get("voiceprint.yaml"), unit)) {
      ServerConfig config = read(text);
      assertEquals(8080, config.port());
      assertEquals(1, config.models().size());
    }
  }

  @Test
  void nobodyIsKilledWhileDraining() throws Exception {
    Map<?, ?> pod = find(find(manifest("Deployment"), "template"), "spec");
    List<?> stop = (List<?>) find(find(pod, "preStop"), "exec").get("command");
    Map<?, ?> data = find(manifest("ConfigMap"), "data");
    long drain = read((String) data.get("voiceprint.yaml")).timeouts().drain().toSeconds();
    int grace = (Integer) pod.get("terminationGracePeriodSeconds");
    assertTrue(grace > drain + Integer.parseInt((String) stop.get(1)), "grace: " + grace);

    Matcher unit =
        Pattern.compile("(?m)^TimeoutStopSec=(\\d+)$")
            .matcher(Files.readString(DEPLOY.resolve("voiceprint.service")));
    assertTrue(unit.find());
    long own =
        read(Files.readString(DEPLOY.resolve("voiceprint.yaml"))).timeouts().drain().toSeconds();
    assertTrue(Integer.parseInt(unit.group(1)) > own, unit.group());
  }

  @Test
  void containerFileSetsVariablesThatThereAre() throws Exception {
    Set<String> known = new TreeSet<>();
    for (Setting setting : Setting.values()) {
      known.add(setting.variable());
    }
    Matcher set =
        Pattern.compile("VOICEPRINT_SERVE_\\w+")
            .matcher(Files.readString(DEPLOY.resolve("Containerfile")));
    List<String> named = set.results().map(MatchResult::group).toList();
    assertFalse(named.isEmpty());
    assertTrue(known.containsAll(named), named.toString());
  }

  /** Reads a configuration, the files that it names put where they can be had. */
  private ServerConfig read(String text) throws Exception {
    Path tokens = Files.writeString(folder.resolve("tokens"), "b9f6e0c4a1d24f7a8e3c5d60\n");
    String here =
        text.replaceAll("\\S+\\.ckpt", RunningServer.MODEL.toAbsolutePath().toString())
            .replace("/etc/voiceprint/tokens", tokens.toString());
    Path file = Files.writeString(folder.resolve("voiceprint.yaml"), here);
    return ServerConfig.of(Map.of(), List.of(), Map.of(), Optional.of(file));
  }

  private static Set<String> metrics(String text) {
    Set<String> names = new TreeSet<>();
    METRIC.matcher(text).results().map(MatchResult::group).forEach(names::add);
    return names;
  }

  /** Names of samples, not of families: those of a histogram have endings. */
  private static Set<String> served() {
    try (RunningServer server = RunningServer.start()) {
      server.post("/v1/embeddings", sample("voice_a_1"));
      String text;
      do {
        text = new String(server.get("/metrics").body(), StandardCharsets.UTF_8);
      } while (!text.contains("voiceprint_requests_total{"));
      return metrics(text.replaceAll("(?m)^#.*$", ""));
    }
  }

  private static Map<?, ?> manifest(String kind) throws Exception {
    String text = Files.readString(DEPLOY.resolve("kubernetes.yaml"));
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
      if (document instanceof Map<?, ?> map && kind.equals(map.get("kind"))) {
        return map;
      }
    }
    throw new AssertionError("no " + kind);
  }

  /** The first mapping of that name, however deep. */
  private static Map<?, ?> find(Object tree, String name) {
    List<Object> rest = new ArrayList<>(List.of(tree));
    for (int i = 0; i < rest.size(); i++) {
      if (rest.get(i) instanceof Map<?, ?> map) {
        if (map.get(name) instanceof Map<?, ?> found) {
          return found;
        }
        rest.addAll(map.values());
      } else if (rest.get(i) instanceof List<?> list) {
        rest.addAll(list);
      }
    }
    throw new AssertionError("no " + name);
  }
}
