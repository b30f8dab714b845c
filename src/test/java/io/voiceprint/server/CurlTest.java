package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.floats;
import static io.voiceprint.server.RunningServer.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.voiceprint.SpeakerEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The commands that the documentation shows. */
class CurlTest {
  private static final String SAMPLES = RunningServer.SAMPLES.toString();

  @BeforeAll
  static void findCurl() throws InterruptedException {
    try {
      assertEquals(0, new ProcessBuilder("curl", "--version").start().waitFor());
    } catch (IOException e) {
      assumeTrue(false, "there is no curl: " + e.getMessage());
    }
  }

  private static JsonNode curl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-sS"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    byte[] output = process.getInputStream().readAllBytes();
    assertEquals(0, process.waitFor());
    return json(output);
  }

  @Test
  void filesAsBodyAndAsForm() throws Exception {
    try (RunningServer server = RunningServer.start();
        SpeakerEncoder library = RunningServer.library()) {
      float[] a = library.embed(RunningServer.SAMPLES.resolve("voice_a_1.wav")).values();
      float[] b = library.embed(RunningServer.SAMPLES.resolve("voice_b_1.wav")).values();
      String url = server.uri("/v1/embeddings").toString();
      JsonNode one = curl("--data-binary", "@" + SAMPLES + "/voice_a_1.wav", url);
      assertArrayEquals(a, floats(one.at("/embeddings/0/embedding")));
      for (String version : List.of("--http1.1", "--http2-prior-knowledge")) {
        JsonNode two =
            curl(
                version,
                "-F",
                "file=@" + SAMPLES + "/voice_a_1.wav",
                "-F",
                "file=@" + SAMPLES + "/voice_b_1.wav",
                url);
        assertArrayEquals(a, floats(two.at("/embeddings/0/embedding")));
        assertEquals("voice_b_1.wav", two.at("/embeddings/1/name").asText());
        assertArrayEquals(b, floats(two.at("/embeddings/1/embedding")));
      }
      JsonNode verified =
          curl(
              "-F",
              "a=@" + SAMPLES + "/voice_a_1.wav",
              "-F",
              "b=@" + SAMPLES + "/voice_a_2.wav",
              server.uri("/v1/verify").toString());
      assertEquals(true, verified.get("same").asBoolean());
    }
  }
}
