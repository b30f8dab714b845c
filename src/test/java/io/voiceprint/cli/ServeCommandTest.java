package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.process.ChildProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ServeCommandTest {
  private static final List<String> HERE =
      List.of("-Dvoiceprint.home=" + Path.of("").toAbsolutePath());

  @TempDir private Path folder;

  @Test
  void printsTheConfigurationAndWhereItComesFrom() throws Exception {
    Path file = Files.writeString(folder.resolve("v.yaml"), "queue: 9\nmodels: {m: m.ckpt}\n");
    CliRun run = CliRun.of("serve", "--config", file, "--port", "0", "--print-config");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("port: 0  # --port\n"), run.out());
    assertTrue(run.out().contains("queue: 9  # " + file + ":1: queue\n"), run.out());
    assertTrue(run.out().contains("    file: " + folder.resolve("m.ckpt") + "\n"), run.out());
  }

  @Test
  void aWrongConfigurationIsWrongUsage() throws Exception {
    Path file = Files.writeString(folder.resolve("v.yaml"), "\n\nqeue: 9\n");
    CliRun run = CliRun.of("serve", "--config", file);
    assertEquals(2, run.exitCode());
    assertEquals(
        "voiceprint: %s:3: unknown key 'qeue'; did you mean 'queue'?%n".formatted(file), run.err());
    assertEquals(2, CliRun.of("serve", "--port", "x").exitCode());
    assertEquals(2, CliRun.of("serve", "--model", "a.ckpt").exitCode());
  }

  @Test
  void aModelThatCannotBeUsedEndsTheProcess() throws Exception {
    Path broken = Files.writeString(folder.resolve("m.ckpt"), "no weights");
    Process process = serve(List.of(), "--model", "m=" + broken);
    assertEquals(3, process.waitFor());
    String said = log();
    String line = "voiceprint: model m cannot be loaded: " + broken + ": is neither ";
    assertTrue(said.contains(line) && said.contains("--model m=FILE"), said);
    assertFalse(said.contains("\\tat "), "where in the program helps nobody: " + said);
  }

  /** A server that never loads a model is of no use to anybody. */
  @Test
  void aFolderAloneIsToldWithWhatIsInIt() throws Exception {
    Path models = Files.createDirectory(folder.resolve("models"));
    CliRun empty = CliRun.of("serve", "--port", "0", "--model-folder", models);
    assertEquals(2, empty.exitCode(), empty.err());
    assertEquals(
        "voiceprint: no model is named, and clients may not load any: %s holds no weight file (*.bin, *.ckpt, *.onnx, *.pt, *.pth, *.safetensors); name one with --model NAME=FILE, or let clients load them with --model-control true\n"
            .formatted(models),
        empty.err());
    Path weights = Files.copy(CliRun.DEMO_MODEL, models.resolve("voice.safetensors"));
    for (int i = 10; i < 25; i++) {
      Files.createFile(models.resolve("x" + i + ".onnx"));
    }
    CliRun full = CliRun.of("serve", "--port", "0", "--model-folder", models);
    assertEquals(2, full.exitCode(), full.err());
    assertTrue(
        full.err()
            .contains(
                models + " holds voice, x10, x11, x12, x13, x14, x15, x16, x17, x18 and 6 more; "),
        full.err());
    assertTrue(full.err().contains(" --model voice=" + weights + ","), full.err());
    CliRun printed = CliRun.of("serve", "--port", "0", "--model-folder", models, "--print-config");
    assertEquals(0, printed.exitCode(), printed.err());
  }

  @Test
  void aFolderThatIsNoneIsWrongUsage() {
    Path missing = folder.resolve("missing");
    CliRun run = CliRun.of("serve", "--port", "0", "--model-folder", missing);
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains("model-folder: " + missing + " is no folder"), run.err());
  }

  @Test
  void whereClientsMayLoadModelsItSaysWhich() throws Exception {
    Files.copy(CliRun.DEMO_MODEL, folder.resolve("voice.safetensors"));
    Process process =
        serve(List.of(), "--model-folder", folder.toString(), "--model-control", "true");
    int port = awaitReady(process);
    String log = log();
    assertTrue(
        log.contains(folder + " holds voice; none is loaded until a client asks (POST /v2/"), log);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/embeddings"))
            .POST(BodyPublishers.ofFile(CliRun.DEMO.resolve("samples").resolve("voice_a_1.wav")))
            .build();
    HttpClient client = HttpClient.newHttpClient();
    var before = client.send(request, BodyHandlers.ofString());
    assertEquals(404, before.statusCode(), before.body());
    assertTrue(before.body().contains("no model is loaded; GET /v1/models"), before.body());
    URI load = URI.create("http://127.0.0.1:" + port + "/v2/repository/models/voice/load");
    HttpRequest loading = HttpRequest.newBuilder(load).POST(BodyPublishers.noBody()).build();
    assertEquals(200, client.send(loading, BodyHandlers.ofString()).statusCode());
    assertEquals(200, client.send(request, BodyHandlers.ofString()).statusCode());
    process.destroy();
    assertEquals(0, process.waitFor(), this::log);
  }

  @Test
  void aCertificateThatIsNoneIsWrongUsage() throws Exception {
    Path broken = Files.writeString(folder.resolve("chain.pem"), "no certificate");
    CliRun run =
        CliRun.of(
            "serve",
            "--model",
            "m=" + CliRun.DEMO_MODEL,
            "--port",
            "0",
            "--tls-certificate",
            broken,
            "--tls-key",
            broken);
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().startsWith("voiceprint: tls-certificate " + broken), run.err());
  }

  @Test
  void stopsWithZeroWhileItLoads() throws Exception {
    Process process =
        serve(
            HERE,
            "--device",
            "reference",
            "--warm-up-seconds",
            "600,600,600",
            "--drain-timeout-s",
            "0.1");
    awaitLine(process, Pattern.compile("listening on port"));
    process.destroy();
    assertEquals(0, process.waitFor(), this::log);
    String log = log();
    assertTrue(log.contains("\"message\":\"stopped\""), log);
    assertFalse(log.contains("\"message\":\"ready\""), log);
  }

  @Test
  void servesUntilItIsToldToStopAndThenEndsWithZero() throws Exception {
    Process process = serve(HERE, "--warm-up-seconds", "1");
    int port = awaitReady(process);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/embeddings"))
            .POST(BodyPublishers.ofFile(CliRun.DEMO.resolve("samples").resolve("voice_a_1.wav")))
            .build();
    var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    assertEquals(200, answer.statusCode());
    Matcher value = Pattern.compile("\"embedding\":\\[([^,]+),").matcher(answer.body());
    assertTrue(value.find(), answer.body());
    process.destroy();
    assertEquals(0, process.waitFor(), this::log);
    String log = log();
    assertTrue(log.contains("\"message\":\"stopped\""), log);
    for (String line : log.split("\n", -1)) {
      if (line.startsWith("{")) {
        assertTrue(Json.object(line).containsKey("time"), line);
      }
    }
    assertTrue(log.contains("\"route\":\"/v1/embeddings\""), log);
    assertFalse(log.contains(value.group(1)), "embeddings do not belong into the log: " + log);
  }

  @Test
  void killedWhileItDrainsItLeavesNeitherConnectionsNorItsPort() throws Exception {
    Process process = serve(HERE, "--warm-up-seconds", "1", "--drain-timeout-s", "600");
    int port = awaitReady(process);
    byte[] wav = Files.readAllBytes(CliRun.DEMO.resolve("samples").resolve("voice_a_1.wav"));
    try (Socket finished = halfSent(port, wav);
        Socket unfinished = halfSent(port, wav)) {
      URI metrics = URI.create("http://127.0.0.1:%d/metrics".formatted(port));
      while (!get(metrics).contains("voiceprint_upload_bytes " + wav.length / 2 * 2 + "\n")) {
        Thread.onSpinWait();
      }
      process.destroy();
      var unused = awaitLine(process, Pattern.compile("\"message\":\"draining\""));
      // An answer proves that it drains; and it goes on, for the other one.
      finished.getOutputStream().write(wav, wav.length / 2, wav.length - wav.length / 2);
      String answer =
          new String(finished.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
      process.destroyForcibly();
      assertEquals(128 + 9, process.waitFor());
      assertTrue(isClosed(unfinished));
    }
    assertFalse(log().contains("\"message\":\"stopped\""), log());
    new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
  }

  /** A request of which the first half is sent. */
  private static Socket halfSent(int port, byte[] wav) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    OutputStream out = socket.getOutputStream();
    String head =
        "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
            .formatted(wav.length);
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(wav, 0, wav.length / 2);
    return socket;
  }

  private static String get(URI address) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(address).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  private static boolean isClosed(Socket connection) throws IOException {
    try {
      return connection.getInputStream().read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Test
  void aPortThatIsTakenIsSaid() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      CliRun run = CliRun.of("serve", "--model", "m=" + CliRun.DEMO_MODEL, "--port", port);
      assertEquals(1, run.exitCode());
      assertTrue(run.err().contains("cannot listen on 127.0.0.1, port " + port), run.err());
    }
  }

  @Test
  void withoutItsLibrariesItSaysSo() throws Exception {
    Process process = serve(ChildProcess.classPath(jar -> !jar.contains("armeria")));
    assertEquals(3, process.waitFor());
    String said = log();
    assertTrue(said.contains("the server's libraries are missing"), said);
  }

  /** A server on a free port. */
  private Process serve(List<String> options, String... arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of("serve", "--port", "0"));
    line.addAll(List.of(arguments));
    return ChildProcess.start(folder, options, Main.class, line);
  }

  /** Waits until it serves; returns its port. */
  private int awaitReady(Process process) {
    Pattern ready =
        Pattern.compile("\"message\":\"ready\".*\"port\":(\\d+)|\"port\":(\\d+).*ready");
    Matcher found = awaitLine(process, ready);
    return Integer.parseInt(found.group(1) == null ? found.group(2) : found.group(1));
  }

  /** Waits until the log has it. */
  private Matcher awaitLine(Process process, Pattern wanted) {
    while (true) {
      boolean alive = process.isAlive();
      Matcher found = wanted.matcher(log());
      if (found.find()) {
        return found;
      }
      assertTrue(alive, () -> "ended: " + log());
      Thread.onSpinWait();
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("err"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
