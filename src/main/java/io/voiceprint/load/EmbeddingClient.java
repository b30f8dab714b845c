package io.voiceprint.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Sends clips to {@code POST /v1/embeddings}, over HTTP/1.1 with kept connections, on the thread of
 * whoever calls: the Java client that costs the least processor time, which here is taken from the
 * server. Thread-safe.
 */
final class EmbeddingClient {
  private static final int EXCERPT_CHARACTERS = 200;
  private static final int CONNECT_MILLIS = 10_000;
  private static final String MOST_KEPT = "10000";

  private final LoadPlan plan;
  private final URL address;

  EmbeddingClient(LoadPlan plan) {
    // Java keeps five connections to a server unless told otherwise, and reads this only once.
    System.setProperty("http.maxConnections", MOST_KEPT);
    this.plan = plan;
    String query =
        plan.model()
            .map(name -> "?model=" + URLEncoder.encode(name, StandardCharsets.UTF_8))
            .orElse("");
    try {
      this.address = plan.server().resolve("/v1/embeddings" + query).toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException("server=%s is no address".formatted(plan.server()), e);
    }
  }

  /**
   * Waits for the answer, whatever its status.
   *
   * @throws IOException if there is none
   */
  Answer send(LoadClip clip) throws IOException {
    HttpURLConnection request = (HttpURLConnection) address.openConnection();
    request.setConnectTimeout(CONNECT_MILLIS);
    request.setReadTimeout((int) Math.min(plan.timeout().toMillis(), Integer.MAX_VALUE));
    request.setRequestMethod("POST");
    request.setRequestProperty("Content-Type", "audio/wav");
    plan.token().ifPresent(token -> request.setRequestProperty("Authorization", "Bearer " + token));
    request.setDoOutput(true);
    // Also sees to it that Java never sends a request twice by itself, which would hide a loss.
    request.setFixedLengthStreamingMode(clip.wav().length);
    try (OutputStream body = request.getOutputStream()) {
      body.write(clip.wav());
    }
    int status = request.getResponseCode();
    String text;
    try (InputStream body =
        status < HttpURLConnection.HTTP_BAD_REQUEST
            ? request.getInputStream()
            : request.getErrorStream()) {
      text = body == null ? "" : new String(body.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
    return new Answer(
        status,
        text.contains("\"embedding\":["),
        request.getHeaderField("Retry-After") != null,
        text.substring(0, Math.min(text.length(), EXCERPT_CHARACTERS)).strip());
  }

  /**
   * What the server said.
   *
   * @param embedding whether there is one in the body
   * @param retryAfter whether it said when to come back
   * @param excerpt the beginning of the body
   */
  record Answer(int status, boolean embedding, boolean retryAfter, String excerpt) {
    boolean isGood() {
      return status == 200 && embedding;
    }

    boolean isRefusal() {
      return status == 429 || status == 503;
    }
  }
}
