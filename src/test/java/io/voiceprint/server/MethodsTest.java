package io.voiceprint.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which methods of HTTP the addresses have. */
class MethodsTest {
  private static RunningServer server;

  @BeforeAll
  static void start() {
    server = RunningServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** RFC 9110, 15.5.6. */
  @ParameterizedTest
  @CsvSource({
    "GET, /v1/embeddings, POST",
    "PUT, /v1/embeddings?model=demo, POST",
    "DELETE, /v1/models, 'GET, HEAD'",
    "POST, /metrics, 'GET, HEAD'",
    "OPTIONS, /, 'GET, HEAD'",
    "HEAD, /v1/verify, POST",
    "PUT, /v2/models/demo, 'GET, HEAD'",
    "GET, /v2/models/demo/infer, POST",
    "POST, /v2/models/demo/versions/1/ready, 'GET, HEAD'",
    "GET, /v2/repository/models/demo/load, POST",
    "GET, /inference.GRPCInferenceService/ServerLive, POST",
  })
  void aMethodThatAnAddressLacksIsAnsweredWithThoseThatItHas(
      String method, String path, String allowed) {
    HttpResponse<byte[]> response =
        server.send(server.request(path).method(method, BodyPublishers.noBody()).build());
    assertEquals(405, response.statusCode());
    assertEquals(List.of(allowed), response.headers().allValues("allow"));
  }

  /** RFC 9110, 9.3.2. */
  @ParameterizedTest
  @CsvSource({
    "/, 200",
    "/page.css, 200",
    "/v1/models, 200",
    "/v1/openapi.json, 200",
    "/v2, 200",
    "/v2/health/live, 200",
    "/v2/health/ready, 200",
    "/v2/models/demo, 200",
    "/v2/models/demo/ready, 200",
    "/v2/models/demo/versions/1, 200",
    "/v2/models/none, 404",
    "/v1/nothing, 404",
  })
  void headGivesTheHeadersOfGetAndNoBody(String path, int status) throws IOException {
    HttpResponse<byte[]> get = server.get(path);
    assertEquals(status, get.statusCode());
    for (HttpClient.Version version : HttpClient.Version.values()) {
      HttpRequest.Builder request = server.request(path).version(version);
      HttpResponse<byte[]> head =
          server.send(request.method("HEAD", BodyPublishers.noBody()).build());
      assertEquals(status, head.statusCode());
      assertEquals(fields(get), fields(head));
      assertEquals(0, head.body().length);
    }
    // These clients do not look for a body. If there is one, it is where the next answer begins.
    try (Socket socket = server.connect()) {
      BufferedReader answers =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      assertEquals("HTTP/1.1 " + status, statusLine(socket, answers, "HEAD", path));
      assertTrue(answers.lines().takeWhile(line -> !line.isEmpty()).toList().contains(length(get)));
      assertEquals("HTTP/1.1 200", statusLine(socket, answers, "GET", "/v2/health/live"));
    }
  }

  private static String length(HttpResponse<byte[]> response) {
    return "content-length: " + response.body().length;
  }

  /** Sends a request and reads the first line of what comes back, up to the number. */
  private static String statusLine(
      Socket socket, BufferedReader answers, String method, String path) throws IOException {
    String request = "%s %s HTTP/1.1\r\nHost: x\r\n\r\n".formatted(method, path);
    socket.getOutputStream().write(request.getBytes(UTF_8));
    String line = answers.readLine();
    return line.substring(0, Math.min(line.length(), "HTTP/1.1 200".length()));
  }

  /** But for the time. */
  private static Map<String, List<String>> fields(HttpResponse<byte[]> response) {
    Map<String, List<String>> fields = new TreeMap<>(response.headers().map());
    fields.keySet().removeAll(List.of("date", ":status"));
    return fields;
  }
}
