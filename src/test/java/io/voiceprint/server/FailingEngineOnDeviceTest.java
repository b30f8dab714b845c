package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.floats;
import static io.voiceprint.server.RunningServer.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.simcuda.SimCuda;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The software CUDA device fails at random calls under a served model. */
class FailingEngineOnDeviceTest {
  private static final int OUT_OF_MEMORY = 2;

  private RunningServer server;
  private byte[] wav;
  private float[] expected;

  @BeforeEach
  void start() {
    SimCuda.require();
    SimCuda.reset();
    server = RunningServer.start("device=cuda", "warm-up-seconds=0.5", "model-control=true");
    wav = RunningServer.shortSample("voice_a_1");
    HttpResponse<byte[]> first = server.post("/v1/embeddings", wav);
    assertEquals(200, first.statusCode());
    expected = floats(json(first).at("/embeddings/0/embedding"));
  }

  @AfterEach
  void stop() {
    SimCuda.reset();
    server.close();
  }

  @Test
  void everyRequestGetsItsEmbeddingOrAnHonestError() {
    Random random = new Random(5);
    for (String call :
        List.of("cuLaunchKernel", "cuMemcpy*", "cuStreamSynchronize", "cuGraphLaunch")) {
      SimCuda.reset();
      SimCuda.fail(call, 1 + random.nextInt(3), OUT_OF_MEMORY);
      List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        var request =
            server.request("/v1/embeddings").POST(BodyPublishers.ofByteArray(wav)).build();
        answers.add(server.http().sendAsync(request, BodyHandlers.ofByteArray()));
      }
      for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
        HttpResponse<byte[]> response = answer.join();
        if (response.statusCode() == 200) {
          assertArrayEquals(expected, floats(json(response).at("/embeddings/0/embedding")), call);
        } else {
          assertEquals(503, response.statusCode(), call);
        }
      }
      SimCuda.reset();
      HttpResponse<byte[]> after = server.post("/v1/embeddings", wav);
      assertArrayEquals(expected, floats(json(after).at("/embeddings/0/embedding")), call);
    }
  }

  @Test
  void aModelWhoseDeviceIsLostIsLoadedAnew() {
    SimCuda.loseDevice();
    HttpResponse<byte[]> lost = server.post("/v1/embeddings", wav);
    assertEquals(503, lost.statusCode());
    assertTrue(json(lost).get("detail").asText().length() > 10);
    HttpResponse<byte[]> later;
    do {
      later = server.post("/v1/embeddings", wav);
    } while (later.statusCode() == 503);
    assertArrayEquals(expected, floats(json(later).at("/embeddings/0/embedding")));
    assertEquals(200, server.get("/v2/health/ready").statusCode());
  }

  @Test
  void tellsTheMemoryOfItsDevice() {
    String metrics = new String(server.get("/metrics").body(), StandardCharsets.UTF_8);
    assertTrue(
        Pattern.compile("voiceprint_device_memory_total_bytes\\{device=\"0\"} [1-9][0-9]+\n")
            .matcher(metrics)
            .find(),
        metrics);
  }
}
