package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.json;
import static io.voiceprint.server.RunningServer.sample;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.voiceprint.server.inference.GRPCInferenceServiceGrpc;
import io.voiceprint.server.inference.ModelInferResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is too much is refused with the right status, and others are served on. */
class LimitsTest {
  private static final byte[] WAV = sample("voice_a_1");
  private static final String LIVE = "GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n";

  private static void assertServes(RunningServer server) {
    assertEquals(200, server.post("/v1/embeddings", WAV).statusCode());
  }

  @Test
  void bodies() {
    try (RunningServer server = RunningServer.start("max-body-mb=1");
        GrpcChannel channel = GrpcChannel.to(server.port())) {
      byte[] large = new byte[(1 << 20) + 1];
      HttpResponse<byte[]> response = server.post("/v1/embeddings", large);
      assertEquals(413, response.statusCode());
      assertEquals(413, server.post("/v2/models/demo/infer", large).statusCode());
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> channel.stub().modelInfer(Inference.file("demo", large)));
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
      assertServes(server);
    }
  }

  @Test
  void lengthOfAudio() {
    try (RunningServer server = RunningServer.start("max-seconds=1.5")) {
      HttpResponse<byte[]> response = server.post("/v1/embeddings", WAV);
      assertEquals(422, response.statusCode());
      assertTrue(json(response).get("detail").asText().contains("longer than 24000 samples"));
      String samples = "0,".repeat(24_001) + "0";
      HttpResponse<byte[]> infer =
          server.post(
              "/v2/models/demo/infer",
              "{\"inputs\":[{\"name\":\"samples\",\"shape\":[1,24002],\"datatype\":\"FP32\",\"data\":[%s]}]}"
                  .formatted(samples)
                  .getBytes(StandardCharsets.UTF_8));
      assertEquals(422, infer.statusCode());
      assertTrue(json(infer).get("error").asText().contains("1.5 s at most"));
    }
  }

  /** The queue of the model, the requests at a time, the work of decoding. */
  @ParameterizedTest
  @ValueSource(strings = {"queue=1", "max-requests=1", "decode-queue=1"})
  void overloadIsRefusedAtOnceWithTheTimeToWait(String limit) {
    try (RunningServer server = RunningServer.start(limit, "batch=1", "decoders=1")) {
      List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        var request =
            server.request("/v1/embeddings").POST(BodyPublishers.ofByteArray(WAV)).build();
        answers.add(server.http().sendAsync(request, BodyHandlers.ofByteArray()));
      }
      int refused = 0;
      for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
        HttpResponse<byte[]> response = answer.join();
        assertTrue(
            response.statusCode() == 200 || response.statusCode() == 429,
            "status " + response.statusCode());
        if (response.statusCode() == 429) {
          refused++;
          long seconds = Long.parseLong(response.headers().firstValue("retry-after").orElseThrow());
          assertTrue(seconds >= 1);
        }
      }
      assertTrue(refused > 0 && refused < 40, refused + " of 40 refused");
      assertServes(server);
    }
  }

  @Test
  void overloadIsRefusedOverGrpcToo() {
    try (RunningServer server = RunningServer.start("queue=1", "batch=1");
        GrpcChannel channel = GrpcChannel.to(server.port())) {
      var stub = GRPCInferenceServiceGrpc.newFutureStub(channel.channel());
      List<Future<ModelInferResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        answers.add(stub.modelInfer(Inference.file("demo", WAV)));
      }
      int refused = 0;
      for (Future<ModelInferResponse> answer : answers) {
        try {
          assertEquals(1, answer.get().getOutputs(0).getShape(0));
        } catch (ExecutionException e) {
          refused++;
          StatusRuntimeException failure = (StatusRuntimeException) e.getCause();
          assertEquals(Status.Code.RESOURCE_EXHAUSTED, failure.getStatus().getCode());
          assertTrue(trailer(failure, "retry-after") >= 1);
          assertTrue(trailer(failure, "grpc-retry-pushback-ms") >= 1000);
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
      assertTrue(refused > 0 && refused < 40, refused + " of 40 refused");
      assertServes(server);
    }
  }

  private static long trailer(StatusRuntimeException failure, String name) {
    Metadata.Key<String> key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    return Long.parseLong(failure.getTrailers().get(key));
  }

  @Test
  void timeOfARequest() {
    try (RunningServer server = RunningServer.start();
        GrpcChannel channel = GrpcChannel.to(server.port())) {
      byte[] many = RunningServer.form(manyClips());
      HttpResponse<byte[]> late =
          server.post(
              "/v1/embeddings",
              many,
              "content-type",
              RunningServer.FORM_TYPE,
              "x-request-timeout-ms",
              "1");
      assertEquals(504, late.statusCode());
      assertEquals(
          400, server.post("/v1/embeddings", WAV, "x-request-timeout-ms", "soon").statusCode());
      byte[][] clips = new byte[60][];
      Arrays.fill(clips, WAV);
      StatusRuntimeException expired =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  channel
                      .stub()
                      .withDeadlineAfter(20, TimeUnit.MILLISECONDS)
                      .modelInfer(Inference.file("demo", clips)));
      assertEquals(Status.Code.DEADLINE_EXCEEDED, expired.getStatus().getCode());
      assertServes(server);
    }
  }

  private static Object[] manyClips() {
    Object[] parts = new Object[3 * 60];
    for (int i = 0; i < parts.length; i += 3) {
      parts[i] = "f";
      parts[i + 1] = "f.wav";
      parts[i + 2] = WAV;
    }
    return parts;
  }

  @Test
  void slowHeads() throws Exception {
    try (RunningServer server = RunningServer.start("header-timeout-s=0.5", "idle-timeout-s=60")) {
      try (Socket slow = server.connect()) {
        OutputStream out = slow.getOutputStream();
        out.write(ascii("POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nX-Slow: "));
        out.flush();
        assertEquals(-1, slow.getInputStream().read(), "the server closes the connection");
      }
      // One that has brought a request and is slow with the next.
      try (Socket kept = server.connect()) {
        get(kept);
        kept.getOutputStream().write('G');
        kept.getOutputStream().flush();
        assertEquals(-1, kept.getInputStream().read());
      }
      assertServes(server);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static void get(Socket connection) throws Exception {
    connection.getOutputStream().write(ascii(LIVE));
    StringBuilder answer = new StringBuilder();
    InputStream in = connection.getInputStream();
    while (answer.indexOf("\r\n\r\n{\"live\":true}") < 0) {
      int next = in.read();
      assertTrue(next >= 0, "closed after " + answer);
      answer.append((char) next);
    }
    assertTrue(answer.toString().startsWith("HTTP/1.1 200"), answer.toString());
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void connections() throws Exception {
    try (RunningServer server = RunningServer.start("max-connections=3");
        Socket first = server.connect();
        Socket second = server.connect()) {
      try (Socket third = server.connect()) {
        for (int round = 0; round < 2; round++) {
          for (Socket allowed : List.of(first, second, third)) {
            get(allowed);
          }
          try (Socket tooMany = server.connect()) {
            assertFalse(isAnswered(tooMany), "a fourth connection");
          }
        }
      }
      // The third's place is free when the server has noticed.
      boolean served = false;
      while (!served) {
        try (Socket next = server.connect()) {
          served = isAnswered(next);
        }
      }
      get(first);
      get(second);
    }
  }

  /** Whether a request is answered; else the server closes the connection. */
  private static boolean isAnswered(Socket connection) throws IOException {
    try {
      connection.getOutputStream().write(ascii(LIVE));
      return connection.getInputStream().read() >= 0;
    } catch (SocketException reset) {
      return false;
    }
  }

  @Test
  void manyIdleAndHalfSentRequestsDoNoHarm() throws Exception {
    try (RunningServer server = RunningServer.start("max-uploads-mb=4")) {
      List<Socket> sockets = new ArrayList<>();
      try {
        for (int i = 0; i < 300; i++) {
          Socket socket = server.connect();
          sockets.add(socket);
          if (i % 2 == 0) {
            socket
                .getOutputStream()
                .write(
                    "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\nRIFF"
                        .getBytes(StandardCharsets.US_ASCII));
          }
        }
        assertServes(server);
      } finally {
        for (Socket socket : sockets) {
          socket.close();
        }
      }
      assertServes(server);
    }
  }

  @Test
  void memoryOfAllBodies() throws Exception {
    try (RunningServer server = RunningServer.start("max-uploads-mb=1", "max-body-mb=8")) {
      HttpResponse<byte[]> response = server.post("/v1/embeddings", new byte[3 << 20]);
      assertEquals(429, response.statusCode());
      assertTrue(response.headers().firstValue("retry-after").isPresent());
      assertServes(server);
    }
  }
}
