package io.voiceprint.load;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Sends clips to {@code POST /v1/embeddings}, over HTTP/1.1 with kept connections. */
final class EmbeddingClient {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();
  private final LoadPlan plan;
  private final URI address;

  EmbeddingClient(LoadPlan plan) {
    this.plan = plan;
    String query =
        plan.model()
            .map(name -> "?model=" + URLEncoder.encode(name, StandardCharsets.UTF_8))
            .orElse("");
    this.address = plan.server().resolve("/v1/embeddings" + query);
  }

  /** The answer, whatever its status; fails if there is none. */
  CompletableFuture<Answer> send(LoadClip clip) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(plan.timeout())
            .header("Content-Type", "audio/wav")
            .POST(BodyPublishers.ofByteArray(clip.wav()));
    plan.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    return http.sendAsync(request.build(), BodyHandlers.ofString())
        .thenApply(EmbeddingClient::answer);
  }

  private static Answer answer(HttpResponse<String> response) {
    boolean embedding = response.body().contains("\"embedding\":[");
    return new Answer(
        response.statusCode(), embedding, response.headers().firstValue("retry-after").isPresent());
  }

  /**
   * What the server said.
   *
   * @param embedding whether there is one in the body
   * @param retryAfter whether it said when to come back
   */
  record Answer(int status, boolean embedding, boolean retryAfter) {
    boolean isGood() {
      return status == 200 && embedding;
    }

    boolean isRefusal() {
      return status == 429 || status == 503;
    }
  }
}
