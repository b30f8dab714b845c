package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ServeCommandTest {
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
    Process process =
        ChildJava.start(
            folder,
            List.of(),
            Main.class.getName(),
            "serve",
            "--port",
            "0",
            "--model",
            "m=" + broken);
    assertEquals(3, process.waitFor());
    String said = Files.readString(folder.resolve("err"));
    String line = "voiceprint: model m cannot be loaded: " + broken + ": is neither ";
    assertTrue(said.contains(line) && said.contains("--model m=FILE"), said);
    assertFalse(said.contains("\\tat "), "where in the program helps nobody: " + said);
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
        ChildJava.start(
            folder,
            List.of("-Dvoiceprint.home=" + Path.of("").toAbsolutePath()),
            Main.class.getName(),
            "serve",
            "--port",
            "0",
            "--device",
            "reference",
            "--warm-up-seconds",
            "600,600,600",
            "--drain-timeout-s",
            "0.1");
    while (!read(folder.resolve("err")).contains("listening on port")) {
      assertTrue(process.isAlive(), () -> "ended: " + read(folder.resolve("err")));
      Thread.onSpinWait();
    }
    process.destroy();
    assertEquals(0, process.waitFor(), () -> read(folder.resolve("err")));
    String log = read(folder.resolve("err"));
    assertTrue(log.contains("\"message\":\"stopped\""), log);
    assertFalse(log.contains("\"message\":\"ready\""), log);
  }

  @Test
  void servesUntilItIsToldToStopAndThenEndsWithZero() throws Exception {
    Process process =
        ChildJava.start(
            folder,
            List.of("-Dvoiceprint.home=" + Path.of("").toAbsolutePath()),
            Main.class.getName(),
            "serve",
            "--port",
            "0",
            "--warm-up-seconds",
            "1");
    Pattern ready =
        Pattern.compile("\"message\":\"ready\".*\"port\":(\\d+)|\"port\":(\\d+).*ready");
    Matcher found;
    do {
      assertTrue(process.isAlive(), () -> "ended: " + read(folder.resolve("err")));
      found = ready.matcher(read(folder.resolve("err")));
      Thread.onSpinWait();
    } while (!found.find());
    String port = found.group(1) == null ? found.group(2) : found.group(1);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/embeddings"))
            .POST(BodyPublishers.ofFile(CliRun.DEMO.resolve("samples").resolve("voice_a_1.wav")))
            .build();
    assertEquals(
        200, HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode());
    process.destroy();
    assertEquals(0, process.waitFor(), () -> read(folder.resolve("err")));
    String log = read(folder.resolve("err"));
    assertTrue(log.contains("\"message\":\"stopped\""), log);
    for (String line : log.split("\n", -1)) {
      if (line.startsWith("{")) {
        assertTrue(Json.object(line).containsKey("time"), line);
      }
    }
    assertTrue(log.contains("\"route\":\"/v1/embeddings\""), log);
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
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(jar -> !jar.contains("armeria"))
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        ChildJava.start(
            folder,
            classPath,
            List.of("-Dvoiceprint.home=" + Path.of("").toAbsolutePath()),
            Main.class.getName(),
            "serve");
    assertEquals(3, process.waitFor());
    String said = Files.readString(folder.resolve("err"));
    assertTrue(said.contains("the server's libraries are missing"), said);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      return "";
    }
  }
}
