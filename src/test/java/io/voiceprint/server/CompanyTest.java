package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.floats;
import static io.voiceprint.server.RunningServer.json;
import static io.voiceprint.server.RunningServer.sample;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.SpeakerEncoder;
import io.voiceprint.server.inference.ModelInferResponse;
import java.net.http.HttpResponse;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many clients at once, over all protocols, good and bad: each gets the library's own bits. */
class CompanyTest {
  private static final List<String> VOICES =
      List.of("voice_a_1", "voice_a_2", "voice_b_1", "voice_b_2", "voice_c_1", "voice_c_2");
  private static final int CLIENTS = 8;
  private static final int REQUESTS = 60;

  @Test
  void answersDoNotDependOnTheCompany() throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try (RunningServer server = RunningServer.start("max-delay-ms=20");
        SpeakerEncoder library = RunningServer.library();
        GrpcChannel channel = GrpcChannel.to(server.port())) {
      List<float[]> expected = new ArrayList<>();
      for (String voice : VOICES) {
        expected.add(library.embed(RunningServer.SAMPLES.resolve(voice + ".wav")).values());
      }
      Random random = new Random(1);
      List<Future<float[]>> answers = new ArrayList<>();
      List<Integer> voices = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        int voice = random.nextInt(VOICES.size());
        voices.add(voice);
        byte[] wav = sample(VOICES.get(voice));
        answers.add(clients.submit(request(i % 4, wav, server, channel)));
      }
      for (int i = 0; i < REQUESTS; i++) {
        float[] answer = answers.get(i).get();
        if (i % 4 != 3) {
          assertArrayEquals(expected.get(voices.get(i)), answer, "request " + i);
        }
      }
      String metrics = new String(server.get("/metrics").body(), StandardCharsets.UTF_8);
      assertTrue(
          metrics.contains("voiceprint_requests_total{route=\"/v1/embeddings\",status=\"422\"} 15"),
          metrics);
    } finally {
      clients.shutdownNow();
    }
  }

  private static Callable<float[]> request(
      int kind, byte[] wav, RunningServer server, GrpcChannel channel) {
    return switch (kind) {
      case 0 ->
          () -> floats(json(server.post("/v1/embeddings", wav)).at("/embeddings/0/embedding"));
      case 1 ->
          () -> {
            String body =
                "{\"inputs\":[{\"name\":\"audio\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"%s\"]}]}"
                    .formatted(Base64.getEncoder().encodeToString(wav));
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            return floats(json(server.post("/v2/models/demo/infer", bytes)).at("/outputs/0/data"));
          };
      case 2 ->
          () -> {
            ModelInferResponse answer = channel.stub().modelInfer(Inference.file("demo", wav));
            float[] values = new float[(int) answer.getOutputs(0).getShape(1)];
            answer
                .getRawOutputContents(0)
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
            return values;
          };
      default ->
          () -> {
            HttpResponse<byte[]> bad = server.post("/v1/embeddings", new byte[] {1, 2, 3});
            assertEquals(422, bad.statusCode());
            return new float[0];
          };
    };
  }
}
