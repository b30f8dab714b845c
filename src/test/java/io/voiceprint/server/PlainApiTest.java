package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.FORM_TYPE;
import static io.voiceprint.server.RunningServer.floats;
import static io.voiceprint.server.RunningServer.form;
import static io.voiceprint.server.RunningServer.json;
import static io.voiceprint.server.RunningServer.sample;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.voiceprint.Embedding;
import io.voiceprint.SpeakerEncoder;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code /v1}, against what the library computes. */
class PlainApiTest {
  private static RunningServer server;
  private static SpeakerEncoder library;

  @BeforeAll
  static void start() {
    server = RunningServer.start("max-items=3");
    library = RunningServer.library();
  }

  @AfterAll
  static void stop() {
    server.close();
    library.close();
  }

  private static Embedding expected(String name) {
    return library.embed(RunningServer.SAMPLES.resolve(name + ".wav"));
  }

  @Test
  void audioAsTheBodyGivesTheLibrarysEmbedding() {
    Embedding expected = expected("voice_a_1");
    HttpResponse<byte[]> response = server.post("/v1/embeddings", sample("voice_a_1"));
    assertEquals(200, response.statusCode());
    JsonNode answer = json(response);
    assertEquals("demo", answer.get("model").asText());
    assertEquals(1, answer.get("embeddings").size());
    JsonNode item = answer.get("embeddings").get(0);
    assertEquals(expected.seconds(), item.get("seconds").asDouble());
    assertArrayEquals(expected.values(), floats(item.get("embedding")));
  }

  @Test
  void aBadFileOfAFormFailsInItsOwnPlace() {
    byte[] body =
        form(
            "file",
            "a.wav",
            sample("voice_a_1"),
            "file",
            "bad.wav",
            "no audio".getBytes(UTF_8),
            "file",
            "b.wav",
            sample("voice_b_1"));
    HttpResponse<byte[]> response =
        server.post("/v1/embeddings?model=demo", body, "content-type", FORM_TYPE);
    assertEquals(200, response.statusCode());
    JsonNode items = json(response).get("embeddings");
    assertEquals("a.wav", items.get(0).get("name").asText());
    assertArrayEquals(expected("voice_a_1").values(), floats(items.get(0).get("embedding")));
    assertEquals("bad.wav", items.get(1).get("name").asText());
    assertTrue(items.get(1).get("error").asText().contains("not a known audio format"));
    assertTrue(items.get(1).get("embedding") == null);
    assertArrayEquals(expected("voice_b_1").values(), floats(items.get(2).get("embedding")));
  }

  @Test
  void verifiesLikeTheLibrary() {
    double score = expected("voice_a_1").cosine(expected("voice_a_2"));
    byte[] body = form("a", "1.wav", sample("voice_a_1"), "b", "2.wav", sample("voice_a_2"));
    JsonNode answer = json(server.post("/v1/verify", body, "content-type", FORM_TYPE));
    assertEquals(score, answer.get("score").asDouble());
    double threshold = library.modelInfo().threshold().orElseThrow();
    assertEquals(threshold, answer.get("threshold").asDouble());
    assertEquals(score >= threshold, answer.get("same").asBoolean());
  }

  @Test
  void listsModels() {
    JsonNode model = json(server.get("/v1/models")).get("models").get(0);
    assertEquals("demo", model.get("name").asText());
    assertTrue(model.get("ready").asBoolean());
    assertEquals(library.limits().embeddingSize(), model.get("embeddingSize").asInt());
  }

  private static void assertProblem(int status, String detail, HttpResponse<byte[]> response) {
    assertEquals(status, response.statusCode());
    assertEquals("application/problem+json", response.headers().firstValue("content-type").get());
    JsonNode problem = json(response);
    assertEquals(status, problem.get("status").asInt());
    assertTrue(problem.get("detail").asText().contains(detail), problem.toString());
  }

  @Test
  void errorsAreProblemDetails() {
    byte[] wav = sample("voice_a_1");
    assertProblem(422, "not a known audio", server.post("/v1/embeddings", "x".getBytes(UTF_8)));
    assertProblem(422, "the file is empty", server.post("/v1/embeddings", new byte[0]));
    assertProblem(404, "no such model", server.post("/v1/embeddings?model=none", wav));
    assertProblem(
        415, "a and b", server.post("/v1/verify", wav, "content-type", "application/json"));
    assertProblem(
        400,
        "the files a and b",
        server.post("/v1/verify", form("a", "a.wav", wav), "content-type", FORM_TYPE));
    assertProblem(
        400, "boundary", server.post("/v1/embeddings", wav, "content-type", "multipart/form-data"));
    assertProblem(
        400,
        "more than 3 files",
        server.post(
            "/v1/embeddings",
            form("f", "1", wav, "f", "2", wav, "f", "3", wav, "f", "4", wav),
            "content-type",
            FORM_TYPE));
    assertProblem(
        415, "Content-Encoding", server.post("/v1/embeddings", wav, "content-encoding", "gzip"));
    assertEquals(404, server.get("/v1/nothing").statusCode());
    assertProblem(405, "Method Not Allowed", server.get("/v1/embeddings"));
  }
}
