package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.sample;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.server.inference.ModelInferRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Bytes that no client would send: each gets an answer that blames the client, and others go on.
 */
class HostileRequestsTest {
  private static final Set<Integer> ANSWERS = Set.of(200, 400, 404, 413, 415, 422);
  private static final List<String> FILES =
      List.of("16k.wav", "16k.flac", "16k.mp3", "16k.ogg", "44k1_vbr.mp3", "8k.ogg");

  private static RunningServer server;
  private final Random random = new Random(11);

  @BeforeAll
  static void start() {
    server = RunningServer.start("max-body-mb=2", "max-seconds=30");
  }

  @AfterAll
  static void stop() {
    assertEquals(200, server.post("/v1/embeddings", sample("voice_a_1")).statusCode());
    server.close();
  }

  private byte[] damaged(byte[] good) {
    byte[] bad = good.clone();
    for (int k = random.nextInt(8); k >= 0; k--) {
      bad[random.nextInt(bad.length)] = (byte) random.nextInt();
    }
    return random.nextInt(2) == 0 ? bad : Arrays.copyOf(bad, random.nextInt(bad.length));
  }

  private static void assertAnswered(int status) {
    assertTrue(ANSWERS.contains(status), "status " + status);
  }

  @Test
  void damagedAudio() throws IOException {
    for (String file : FILES) {
      byte[] good = Files.readAllBytes(Path.of("src/test/resources/audio").resolve(file));
      for (int i = 0; i < 25; i++) {
        assertAnswered(server.post("/v1/embeddings", damaged(good)).statusCode());
      }
    }
  }

  @Test
  void damagedForms() {
    byte[] good =
        RunningServer.form("a", "a.wav", sample("voice_a_1"), "b", "b.wav", sample("voice_b_1"));
    for (int i = 0; i < 60; i++) {
      byte[] bad = damaged(good);
      if (bad.length > 100) {
        bad[random.nextInt(100)] = (byte) random.nextInt();
      }
      for (String path : List.of("/v1/embeddings", "/v1/verify")) {
        assertAnswered(
            server.post(path, bad, "content-type", RunningServer.FORM_TYPE).statusCode());
      }
    }
  }

  @Test
  void damagedTensors() {
    byte[] wav = Arrays.copyOf(sample("voice_a_1"), 20_000);
    byte[] json =
        "{\"inputs\":[{\"name\":\"audio\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"%s\"]}]}"
            .formatted(Base64.getEncoder().encodeToString(wav))
            .getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 100; i++) {
      byte[] bad = json.clone();
      bad[random.nextInt(90)] = (byte) random.nextInt();
      assertAnswered(server.post("/v2/models/demo/infer", bad).statusCode());
      assertAnswered(
          server
              .post(
                  "/v2/models/demo/infer",
                  bad,
                  "inference-header-content-length",
                  String.valueOf(random.nextInt(-2, 200)))
              .statusCode());
    }
  }

  @Test
  void damagedMessages() {
    byte[] good = Inference.files("demo", "voice_a_1").toByteArray();
    for (int i = 0; i < 100; i++) {
      byte[] bad = good.clone();
      for (int k = random.nextInt(3); k >= 0; k--) {
        bad[random.nextInt(60)] = (byte) random.nextInt();
      }
      byte[] framed =
          ByteBuffer.allocate(5 + bad.length)
              .put((byte) (random.nextInt(10) == 0 ? 1 : 0))
              .putInt(random.nextInt(10) == 0 ? random.nextInt() : bad.length)
              .put(bad)
              .array();
      HttpRequest request =
          server
              .request("/inference.GRPCInferenceService/ModelInfer")
              .header("content-type", "application/grpc+proto")
              .header("te", "trailers")
              .version(java.net.http.HttpClient.Version.HTTP_2)
              .POST(BodyPublishers.ofByteArray(framed))
              .build();
      var response = server.send(request);
      assertEquals(200, response.statusCode(), "gRPC's own status is in its trailers");
    }
  }

  /** Two bytes each on the wire, an object each in memory. */
  @Test
  void messagesThatWouldUnfoldAreNotParsed() {
    byte[] empty = new byte[1 << 20];
    for (int i = 0; i < empty.length; i += 2) {
      empty[i] = ModelInferRequest.INPUTS_FIELD_NUMBER << 3 | 2;
    }
    byte[] framed =
        ByteBuffer.allocate(5 + empty.length).put((byte) 0).putInt(empty.length).put(empty).array();
    for (String method : List.of("ModelInfer", "ServerLive")) {
      HttpRequest request =
          server
              .request("/inference.GRPCInferenceService/" + method)
              .header("content-type", "application/grpc+proto")
              .header("te", "trailers")
              .version(java.net.http.HttpClient.Version.HTTP_2)
              .POST(BodyPublishers.ofByteArray(framed))
              .build();
      var headers = server.send(request).headers();
      assertEquals("3", headers.firstValue("grpc-status").orElse("none"), "INVALID_ARGUMENT");
      assertTrue(headers.firstValue("grpc-message").orElse("").contains("too many parts"));
    }
  }

  /**
   * Frames without a message, with less of one than they say, and unfolding to more than may come.
   */
  @Test
  void brokenFrames() throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(bomb)) {
      zip.write(new byte[3 << 20]);
    }
    assertFramed("3", "the message breaks off");
    assertFramed("3", "the message breaks off", 0, 0, 0);
    assertFramed("3", "the message breaks off", 0, 0, 0, 0, 9, 1);
    byte[] size = ByteBuffer.allocate(4).putInt(bomb.size()).array();
    int[] frame = new int[5 + bomb.size()];
    frame[0] = 1;
    for (int i = 0; i < frame.length - 1; i++) {
      frame[i + 1] = i < size.length ? size[i] : bomb.toByteArray()[i - size.length];
    }
    assertFramed("8", "Compressed frame exceeds", frame);
  }

  private static void assertFramed(String status, String message, int... frame) {
    byte[] body = new byte[frame.length];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) frame[i];
    }
    var headers =
        server
            .send(
                server
                    .request("/inference.GRPCInferenceService/ModelInfer")
                    .header("content-type", "application/grpc+proto")
                    .header("grpc-encoding", "gzip")
                    .header("te", "trailers")
                    .version(java.net.http.HttpClient.Version.HTTP_2)
                    .POST(BodyPublishers.ofByteArray(body))
                    .build())
            .headers();
    String said = headers.firstValue("grpc-message").orElse("");
    assertEquals(status, headers.firstValue("grpc-status").orElse("none"), said);
    assertTrue(said.startsWith(message), said);
  }

  @Test
  void headsThatAreNoHttp() throws IOException {
    for (String head :
        List.of(
            "\0\1\2\3\r\n\r\n",
            "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
            "POST /v1/embeddings HTTP/1.1\r\n"
                + "Host: x\r\n"
                + "Content-Length: 5\r\n"
                + "Content-Length: 6\r\n\r\n",
            "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET /" + "a".repeat(100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nX: " + "a".repeat(100_000) + "\r\n\r\n")) {
      try (Socket socket = server.connect()) {
        OutputStream out = socket.getOutputStream();
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        socket.shutdownOutput();
        InputStream in = socket.getInputStream();
        String answer = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 4"), answer);
      } catch (java.net.SocketException e) {
        // Closed by the server while the rest was still being sent: also an answer.
        assertTrue(e.getMessage().matches("Connection reset.*|Broken pipe.*"), e.getMessage());
      }
    }
  }
}
