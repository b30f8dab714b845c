package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.floats;
import static io.voiceprint.server.RunningServer.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.log.RecordedLog;
import io.voiceprint.simcuda.SimCuda;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server whose model is on two GPUs: who computes what, and what becomes of a lost one. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SeveralGpusServedOnDeviceTest {
  private RunningServer server;
  private byte[] wav;
  private float[] expected;

  @BeforeEach
  void start() {
    SimCuda.require();
    SimCuda.reset();
    SimCuda.showDevices(2);
    server =
        RunningServer.start(
            "device=cuda", "gpus=0,1", "warm-up-seconds=0.5", "batch=1", "model-control=true");
    wav = RunningServer.shortSample("voice_a_1");
    expected = embedding(server.post("/v1/embeddings", wav));
  }

  @AfterEach
  void stop() {
    server.close();
    SimCuda.reset();
  }

  private static float[] embedding(HttpResponse<byte[]> response) {
    assertEquals(200, response.statusCode(), () -> json(response).toString());
    return floats(json(response).at("/embeddings/0/embedding"));
  }

  private CompletableFuture<HttpResponse<byte[]>> send() {
    var request = server.request("/v1/embeddings").POST(BodyPublishers.ofByteArray(wav)).build();
    return server.http().sendAsync(request, BodyHandlers.ofByteArray());
  }

  private String metrics() {
    return new String(server.get("/metrics").body(), StandardCharsets.UTF_8);
  }

  private boolean hasMetric(String line) {
    return metrics().lines().anyMatch(line::equals);
  }

  /** Whether a GPU is in use, by its memory. */
  private boolean uses(int gpu) {
    return metrics()
        .contains("\nvoiceprint_device_memory_total_bytes{device=\"%d\"} ".formatted(gpu));
  }

  /** Sends requests until so many are on the GPUs at the same time. */
  private List<CompletableFuture<HttpResponse<byte[]>>> sendAndAwaitRunning(int requests) {
    List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
    for (int i = 1; i <= requests; i++) {
      answers.add(send());
      while (!hasMetric("voiceprint_model_queue_running{model=\"demo\"} " + i)) {
        Thread.onSpinWait();
      }
    }
    return answers;
  }

  private void assertReady() {
    assertEquals(200, server.get("/v2/health/ready").statusCode());
    assertEquals(200, server.get("/v2/models/demo/ready").statusCode());
  }

  @Test
  void aRequestGoesToTheLeastLoadedGpu() {
    long onFirst = SimCuda.launchesOn(0);
    long onSecond = SimCuda.launchesOn(1);
    List<CompletableFuture<HttpResponse<byte[]>>> answers;
    try (SimCuda.Hold hold = SimCuda.hold("cuStreamSynchronize")) {
      answers = sendAndAwaitRunning(2);
      hold.await();
    }
    answers.forEach(answer -> assertArrayEquals(expected, embedding(answer.join())));
    onFirst = SimCuda.launchesOn(0) - onFirst;
    onSecond = SimCuda.launchesOn(1) - onSecond;
    // A lane of each: the first GPU has others, but it is busy. The clips are the same.
    assertTrue(onFirst > 0, onFirst + " launches");
    assertEquals(onFirst, onSecond);
  }

  /**
   * Four requests, of which it has two: as many as there are lanes to lose. All get their
   * embedding.
   */
  private void loseTheFirstGpuUnderLoad() {
    List<CompletableFuture<HttpResponse<byte[]>>> answers;
    try (SimCuda.Hold hold = SimCuda.hold("cuStreamSynchronize")) {
      answers = sendAndAwaitRunning(4);
      hold.await();
      SimCuda.loseOneDevice(0);
    }
    answers.forEach(answer -> assertArrayEquals(expected, embedding(answer.join())));
  }

  @Test
  void whatALostGpuHadTheOtherComputes() {
    loseTheFirstGpuUnderLoad();
    long onFirst = SimCuda.launchesOn(0);
    for (int i = 0; i < 5; i++) {
      assertArrayEquals(expected, embedding(server.post("/v1/embeddings", wav)));
    }
    assertEquals(onFirst, SimCuda.launchesOn(0));
    assertTrue(hasMetric("voiceprint_model_failures_total{model=\"demo\"} 0"), metrics());
    assertTrue(!uses(0) && uses(1), metrics());
    assertReady();

    for (String step : List.of("unload", "load")) {
      String address = "/v2/repository/models/demo/" + step;
      assertEquals(200, server.post(address, new byte[0]).statusCode(), step);
    }
    assertTrue(uses(0) && uses(1), metrics());
    assertArrayEquals(expected, embedding(server.post("/v1/embeddings", wav)));
  }

  @Test
  void theLossOfAGpuIsLoggedOnceAndNotByEachLane() {
    try (RecordedLog log = RecordedLog.open()) {
      loseTheFirstGpuUnderLoad();
      // Ends the lanes, so that they have said what they have to say.
      assertEquals(200, server.post("/v2/repository/models/demo/unload", new byte[0]).statusCode());
      List<String> lost =
          log.messages().stream().filter(line -> line.contains("gets no more work")).toList();
      assertEquals(1, lost.size(), log.messages().toString());
      assertTrue(lost.get(0).contains("device 0 ("), lost.get(0));
    }
  }

  @Test
  void withAllGpusLostTheModelIsLoadedAnew() {
    SimCuda.loseDevice();
    assertEquals(503, server.post("/v1/embeddings", wav).statusCode());
    HttpResponse<byte[]> later;
    do {
      later = server.post("/v1/embeddings", wav);
    } while (later.statusCode() == 503);
    assertArrayEquals(expected, embedding(later));
    assertTrue(uses(0) && uses(1), metrics());
    assertReady();
  }
}
