package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.json;
import static io.voiceprint.server.RunningServer.sample;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.voiceprint.server.config.ServerConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starting, loading and unloading, clients that go away, and stopping. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LifecycleTest {
  private static final byte[] WAV = sample("voice_a_1");

  @TempDir private Path folder;

  @Test
  void isReadyOnceItsModelsAreWarm() {
    try (RunningServer server = RunningServer.cold()) {
      assertEquals(200, server.get("/v2/health/live").statusCode());
      assertEquals(503, server.get("/v2/health/ready").statusCode());
      assertEquals(503, server.get("/v2/models/demo/ready").statusCode());
      assertEquals(503, server.post("/v1/embeddings", WAV).statusCode());
      server.server().load().join();
      assertEquals(200, server.get("/v2/health/ready").statusCode());
      assertEquals(200, server.post("/v1/embeddings", WAV).statusCode());
    }
  }

  @Test
  void whatWaitsToBeLoadedIsNotOnceTheServerIsToStop() {
    List<String> events = Collections.synchronizedList(new ArrayList<>());
    ServerConfig config =
        RunningServer.config(
            "model=a=" + RunningServer.MODEL,
            "model=b=" + RunningServer.MODEL,
            "model=c=" + RunningServer.MODEL);
    CompletableFuture<Void> loading;
    try (VoiceprintServer server =
        VoiceprintServer.start(config, entry -> events.add(entry.getMessage()))) {
      loading = server.load();
    }
    loading.join();
    assertTrue(Collections.frequency(events, "model loaded") <= 1, events::toString);
    assertEquals("stopped", events.get(events.size() - 1));
  }

  @Test
  void aModelThatCannotBeLoadedFailsTheStart() throws Exception {
    Path broken = Files.writeString(folder.resolve("broken.ckpt"), "no weights");
    try (RunningServer server = RunningServer.cold("model=bad=" + broken)) {
      var failure =
          assertThrows(RuntimeException.class, () -> server.server().load().join()).getCause();
      assertTrue(
          failure.getMessage().contains("model bad cannot be loaded: " + broken),
          failure.getMessage());
      assertEquals(503, server.get("/v2/health/ready").statusCode());
    }
  }

  @Test
  void loadsAndUnloadsWhatIsConfigured() throws Exception {
    Files.copy(RunningServer.MODEL, folder.resolve("other.safetensors"));
    Files.writeString(folder.resolve("bad.ckpt"), "no weights");
    try (RunningServer server =
        RunningServer.start("model-control=true", "model-folder=" + folder)) {
      assertEquals("other", json(server.get("/v1/models")).at("/models/2/name").asText());
      assertEquals(503, server.post("/v1/embeddings?model=other", WAV).statusCode());
      String repository = "/v2/repository/models/";
      assertEquals(200, server.post(repository + "other/load", new byte[0]).statusCode());
      assertEquals(200, server.post("/v1/embeddings?model=other", WAV).statusCode());
      assertEquals(200, server.post(repository + "other/load", new byte[0]).statusCode());
      assertEquals(200, server.post("/v1/embeddings?model=other", WAV).statusCode());
      assertEquals(200, server.post(repository + "other/unload", new byte[0]).statusCode());
      assertEquals(503, server.post("/v1/embeddings?model=other", WAV).statusCode());
      assertEquals(503, server.post(repository + "bad/load", new byte[0]).statusCode());
      assertEquals(404, server.post(repository + "none/load", new byte[0]).statusCode());
      assertEquals(200, server.post("/v1/embeddings?model=demo", WAV).statusCode());
      assertEquals(200, server.get("/v2/health/ready").statusCode());
    }
  }

  @Test
  void aRequestIsAnsweredWhoseModelIsLoadedAnewWhileItsBodyComes() throws Exception {
    try (RunningServer server = RunningServer.start("model-control=true");
        Socket socket = halfSent(server)) {
      assertEquals(200, server.post("/v2/repository/models/demo/load", new byte[0]).statusCode());
      assertAnswered(socket);
    }
  }

  @Test
  void clientsLoadNothingUnlessTheyMay() {
    try (RunningServer server = RunningServer.start()) {
      assertEquals(403, server.post("/v2/repository/models/demo/unload", new byte[0]).statusCode());
      assertEquals(200, server.post("/v1/embeddings", WAV).statusCode());
    }
  }

  @Test
  void aClientThatGoesAwayLeavesNothingBehind() throws Exception {
    try (RunningServer server = RunningServer.start("batch=1", "queue=200")) {
      for (int i = 0; i < 20; i++) {
        try (Socket socket = server.connect()) {
          OutputStream out = socket.getOutputStream();
          String head =
              "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                  .formatted(WAV.length);
          out.write(head.getBytes(StandardCharsets.US_ASCII));
          // Every other one in the middle of its body, the rest while they wait for their answer.
          out.write(WAV, 0, i % 2 == 0 ? WAV.length / 2 : WAV.length);
          out.flush();
        }
      }
      awaitQuiet(server);
      assertEquals(200, server.post("/v1/embeddings", WAV).statusCode());
    }
  }

  /** Until no request is held in any way; fails by the test's own time limit. */
  private static void awaitQuiet(RunningServer server) {
    String metrics;
    do {
      metrics = metrics(server);
    } while (!(metrics.contains("voiceprint_requests_running 0\n")
        && metrics.contains("voiceprint_upload_bytes 0\n")
        && metrics.contains("voiceprint_model_queue_waiting{model=\"demo\"} 0\n")
        && metrics.contains("voiceprint_model_queue_running{model=\"demo\"} 0\n")));
  }

  @Test
  void drainingAnswersWhatWasAcceptedAndRefusesTheRest() {
    try (RunningServer server = RunningServer.start("batch=1", "drain-timeout-s=60")) {
      List<CompletableFuture<HttpResponse<byte[]>>> accepted = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        var request =
            server.request("/v1/embeddings").POST(BodyPublishers.ofByteArray(WAV)).build();
        accepted.add(server.http().sendAsync(request, BodyHandlers.ofByteArray()));
      }
      // All ten are in: none has been refused, and the server counts them as running or done.
      while (accepted(server) < 10) {
        Thread.onSpinWait();
      }
      CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
      List<Integer> statuses = accepted.stream().map(answer -> answer.join().statusCode()).toList();
      assertEquals(Collections.nCopies(10, 200), statuses);
      closed.join();
      var refused = assertThrows(UncheckedIOException.class, () -> server.get("/v2/health/live"));
      assertTrue(refused.getCause() instanceof ConnectException, refused.toString());
    }
  }

  @Test
  void whileDrainingNewRequestsAreRefusedAndTheAcceptedOneIsAnswered() throws Exception {
    try (RunningServer server = RunningServer.start("drain-timeout-s=60");
        Socket socket = halfSent(server)) {
      CompletableFuture<Void> closed = draining(server);
      assertEquals(200, server.get("/v2/health/live").statusCode());
      assertEquals(503, server.post("/v1/embeddings", WAV).statusCode());
      try (GrpcChannel channel = GrpcChannel.to(server.port())) {
        StatusRuntimeException refused =
            assertThrows(
                StatusRuntimeException.class,
                () -> channel.stub().modelInfer(Inference.files("demo", "voice_a_1")));
        assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
      }
      assertAnswered(socket);
      closed.join();
    }
  }

  /** A request of which the server has taken the first half. */
  private static Socket halfSent(RunningServer server) throws IOException {
    long before = uploading(server);
    Socket socket = server.connect();
    OutputStream out = socket.getOutputStream();
    String head =
        "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
            .formatted(WAV.length);
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(WAV, 0, WAV.length / 2);
    out.flush();
    while (uploading(server) < before + WAV.length / 2) {
      Thread.onSpinWait();
    }
    return socket;
  }

  /** Sends the other half, which brings an embedding. */
  private static void assertAnswered(Socket socket) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(WAV, WAV.length / 2, WAV.length - WAV.length / 2);
    out.flush();
    String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    assertTrue(answer.contains("\"embedding\":["), answer);
  }

  /** Tells the server to stop and returns once it refuses requests; is done when it has stopped. */
  private static CompletableFuture<Void> draining(RunningServer server) {
    CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
    while (server.get("/v2/health/ready").statusCode() == 200) {
      Thread.onSpinWait();
    }
    return closed;
  }

  @Test
  void aClientThatGoesAwayWhileDrainingIsNotWaitedForButTheOthersAre() throws Exception {
    try (RunningServer server = RunningServer.start("drain-timeout-s=600");
        Socket leaving = halfSent(server);
        Socket staying = halfSent(server)) {
      CompletableFuture<Void> closed = draining(server);
      leaving.shutdownOutput();
      // As soon as the server knows that one is gone, the other holds it up alone.
      while (uploading(server) > WAV.length / 2) {
        Thread.onSpinWait();
      }
      assertAnswered(staying);
      closed.join();
    }
  }

  @Test
  void whatIsNotSentInTheTimeForDrainingIsGivenUp() throws Exception {
    try (RunningServer server =
            RunningServer.start("drain-timeout-s=0.3", "request-timeout-s=600");
        Socket socket = halfSent(server)) {
      server.server().close();
      String answer = "";
      try {
        answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      } catch (SocketException reset) {
        // Also an end.
      }
      assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 503 "), answer);
    }
  }

  private static String metrics(RunningServer server) {
    return new String(server.get("/metrics").body(), StandardCharsets.UTF_8);
  }

  private static long accepted(RunningServer server) {
    return sum(
            server,
            "voiceprint_model_utterances_total{model=\"demo\"}",
            "voiceprint_model_queue_waiting{model=\"demo\"}",
            "voiceprint_model_queue_running{model=\"demo\"}")
        - WARM_UP;
  }

  /** Bytes of the bodies that the server holds. */
  private static long uploading(RunningServer server) {
    return sum(server, "voiceprint_upload_bytes");
  }

  private static long sum(RunningServer server, String... names) {
    return metrics(server)
        .lines()
        .map(line -> line.split(" ", -1))
        .filter(sample -> List.of(names).contains(sample[0]))
        .mapToLong(sample -> (long) Double.parseDouble(sample[1]))
        .sum();
  }

  /** Utterances of {@link RunningServer}'s warm-up. */
  private static final long WARM_UP = 1;
}
