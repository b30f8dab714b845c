package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.sample;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code /metrics}: lines of the right form, families in one piece, the figures of what was done.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MetricsTest {
  private static final Pattern SAMPLE =
      Pattern.compile(
          "[a-z_]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*})? (-?[0-9.]+(E-?[0-9]+)?|NaN)");

  @Test
  void tellsWhatWasDone() {
    try (RunningServer server = RunningServer.start();
        GrpcChannel channel = GrpcChannel.to(server.port())) {
      assertThrows(
          StatusRuntimeException.class,
          () -> channel.stub().modelInfer(Inference.files("none", "voice_a_1")));
      server.post("/v1/embeddings", sample("voice_a_1"));
      server.post("/v1/embeddings?model=none", sample("voice_a_1"));
      // The answer may reach its client before it is counted.
      String text;
      do {
        text = new String(server.get("/metrics").body(), StandardCharsets.UTF_8);
      } while (!(text.contains("status=\"404\"") && text.contains("grpc_status")));
      String figures = text;
      for (String line : figures.split("\n", -1)) {
        assertTrue(line.isEmpty() || line.startsWith("# ") || SAMPLE.matcher(line).matches(), line);
      }
      for (String expected :
          List.of(
              "voiceprint_requests_total{route=\"/v1/embeddings\",status=\"200\"} 1",
              "voiceprint_requests_total{route=\"/v1/embeddings\",status=\"404\"} 1",
              "voiceprint_requests_total{route=\"/inference.GRPCInferenceService/ModelInfer\",status=\"200\",grpc_status=\"NOT_FOUND\"} 1",
              "voiceprint_request_seconds_count{route=\"/v1/embeddings\"} 2",
              "voiceprint_model_ready{model=\"demo\"} 1",
              "voiceprint_model_utterances_total{model=\"demo\"} 2",
              "voiceprint_model_batch_utterances_bucket{model=\"demo\",le=\"+Inf\"} 2",
              "voiceprint_model_queue_waiting{model=\"demo\"} 0")) {
        assertTrue(figures.contains(expected + "\n"), expected + " is not in\n" + figures);
      }
    }
  }
}
