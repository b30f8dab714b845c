package io.voiceprint.packaged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.voiceprint.golden.Golden;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only the packed program shows: whether every library that a command needs is in it. */
class RunnableJarTest {
  private static final Path AUDIO = Path.of("src", "test", "resources", "audio");
  private static final Path DEMO = Path.of("weights", "demo");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private Launched passes(Object... arguments) throws Exception {
    Launched run = Launched.run(folder, arguments);
    assertEquals(0, run.exitCode(), run::all);
    assertFalse(run.err().contains("NoClassDefFoundError"), run::all);
    return run;
  }

  @Test
  void bringsItsLicenceAndThoseOfWhatItContains() throws IOException {
    Path target = Path.of("target");
    Path jar;
    try (Stream<Path> files = Files.list(target)) {
      jar = files.filter(file -> file.toString().endsWith("-cli.jar")).findFirst().orElseThrow();
    }
    try (FileSystem content = FileSystems.newFileSystem(jar)) {
      Path own = content.getPath("META-INF");
      assertEquals(Files.readString(Path.of("LICENSE")), Files.readString(own.resolve("LICENSE")));
      assertTrue(Files.readString(own.resolve("NOTICE")).contains("JCuda"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "embed",
        "verify",
        "info",
        "convert",
        "doctor",
        "tune",
        "bench",
        "bench report",
        "serve",
        "load",
        "completion"
      })
  void everyCommandHelps(String command) throws Exception {
    String[] line = (command + " --help").split(" ", -1);
    String help = passes((Object[]) line).out();
    assertTrue(help.startsWith("Usage: voiceprint " + command), help);
  }

  @Test
  void everyAudioFormatIsRead() throws Exception {
    Launched run =
        passes(
            "embed",
            AUDIO.resolve("16k.wav"),
            AUDIO.resolve("16k.flac"),
            AUDIO.resolve("16k.mp3"),
            AUDIO.resolve("16k.ogg"));
    List<String> lines = run.out().lines().toList();
    assertEquals(4, lines.size(), run::all);
    for (String line : lines) {
      assertTrue(JSON.readTree(line).get("embedding").size() > 0, line);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "reference"})
  void everyEngineIsMeasuredAndReported(String device) throws Exception {
    Path json = folder.resolve("results.json");
    passes(
        "bench",
        "--device",
        device,
        "--arch",
        "eres2net-micro",
        "--batch",
        "1,2",
        "--seconds",
        "0.3",
        "--warm-up",
        "0",
        "--duration",
        "0.01",
        "--json",
        json);
    JsonNode results = JSON.readTree(json.toFile()).get("results");
    assertEquals(2, results.size());
    assertTrue(results.get(0).get("latency_ms").get("p50").asDouble() > 0, results::toString);
    Path page = folder.resolve("report.html");
    passes("bench", "report", json, "--output", page);
    assertTrue(Files.readString(page).contains("eres2net-micro"));
  }

  @Test
  void onnxModelsAreRead() throws Exception {
    Path model = Golden.model("eres2net_tiny").resolve("model.onnx");
    assumeTrue(Files.exists(model), model + " is not in this copy of the reference data");
    assertTrue(passes("info", model).out().contains("ERes2Net"));
  }

  @Test
  void modelsAreConverted() throws Exception {
    Path converted = folder.resolve("copy.safetensors");
    passes("convert", DEMO.resolve("eres2net_demo.safetensors"), converted);
    assertTrue(Files.size(converted) > 1_000_000);
  }

  @Test
  void theMachineIsDiagnosed() throws Exception {
    Launched run = Launched.run(folder, "doctor", "--json");
    assertTrue(run.exitCode() == 0 || run.exitCode() == 3, run::all);
    JsonNode devices = JSON.readTree(run.out()).get("devices");
    assertTrue(devices.toString().contains("cpu"), run::all);
  }

  @Test
  void theServerAnswersAndStopsWhenItIsTold() throws Exception {
    Process process = Launched.start(folder, "serve", "--port", "0", "--warm-up-seconds", "1");
    try (BufferedReader log = process.errorReader(StandardCharsets.UTF_8)) {
      String base = "http://127.0.0.1:" + portOf(log);
      HttpClient client = HttpClient.newHttpClient();
      HttpRequest ready = HttpRequest.newBuilder(URI.create(base + "/v2/health/ready")).build();
      assertEquals(200, client.send(ready, BodyHandlers.discarding()).statusCode());
      HttpRequest embed =
          HttpRequest.newBuilder(URI.create(base + "/v1/embeddings"))
              .POST(BodyPublishers.ofFile(AUDIO.resolve("16k.mp3")))
              .build();
      HttpResponse<String> answer = client.send(embed, BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
      assertTrue(JSON.readTree(answer.body()).get("embeddings").size() == 1, answer.body());
      assertTrue(compilersNice(process) > 0, "Java's compiler would hold up requests");
      // Through its handle, which leaves the log open.
      assertTrue(process.toHandle().destroy());
      List<String> rest = log.lines().toList();
      assertEquals(0, process.waitFor(), rest::toString);
    } finally {
      process.destroyForcibly();
    }
  }

  /** By how much the threads of Java's optimising compiler yield to others. */
  private static int compilersNice(Process process) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path thread : threads.toList()) {
        String stat = Files.readString(thread.resolve("stat"));
        if (stat.contains("(C2 CompilerThre)")) {
          // The 19th field; the name is the 2nd, and has a blank. See proc(5).
          return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
        }
      }
    }
    throw new AssertionError("Java has no such compiler");
  }

  /** Reads the log up to the line that says where the server listens. */
  private static int portOf(BufferedReader log) throws Exception {
    StringBuilder read = new StringBuilder();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      read.append(line).append('\n');
      if (line.contains("\"message\":\"ready\"")) {
        return JSON.readTree(line).findValue("port").asInt();
      }
    }
    throw new AssertionError("the server ended:\n" + read);
  }
}
