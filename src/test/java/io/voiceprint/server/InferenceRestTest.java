package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.floats;
import static io.voiceprint.server.RunningServer.json;
import static io.voiceprint.server.RunningServer.sample;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.AudioReader;
import io.voiceprint.audio.PcmAudio;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /v2}: JSON and binary tensors, against what the library computes. */
class InferenceRestTest {
  private static final String INFER = "/v2/models/demo/infer";

  private static RunningServer server;
  private static SpeakerEncoder library;

  @BeforeAll
  static void start() {
    server = RunningServer.start();
    library = RunningServer.library();
  }

  @AfterAll
  static void stop() {
    server.close();
    library.close();
  }

  private static float[] expected(String name) {
    return library.embed(RunningServer.SAMPLES.resolve(name + ".wav")).values();
  }

  private static HttpResponse<byte[]> infer(String json) {
    return server.post(INFER, json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void tellsOfHealthAndMetadata() {
    // KServe's clients read the bodies, Triton's the statuses.
    assertTrue(json(server.get("/v2/health/live")).get("live").asBoolean());
    assertTrue(json(server.get("/v2/health/ready")).get("ready").asBoolean());
    assertTrue(json(server.get("/v2/models/demo/ready")).get("ready").asBoolean());
    assertEquals("demo", json(server.get("/v2/models/demo/ready")).get("name").asText());
    assertEquals(200, server.get("/v2/health/live").statusCode());
    assertEquals(200, server.get("/v2/health/ready").statusCode());
    assertEquals(200, server.get("/v2/models/demo/versions/1/ready").statusCode());
    assertEquals("voiceprint", json(server.get("/v2")).get("name").asText());
    JsonNode model = json(server.get("/v2/models/demo"));
    assertEquals("demo", model.get("name").asText());
    JsonNode output = model.get("outputs").get(0);
    assertEquals(
        "[-1,%d]".formatted(library.limits().embeddingSize()), output.get("shape").toString());
  }

  @Test
  void filesInJson() {
    String a = Base64.getEncoder().encodeToString(sample("voice_a_1"));
    String b = Base64.getEncoder().encodeToString(sample("voice_b_1"));
    HttpResponse<byte[]> response =
        infer(
            """
            {"id": "7", "inputs": [{"name": "audio", "shape": [2], "datatype": "BYTES",
             "data": ["%s", "%s"]}]}"""
                .formatted(a, b));
    assertEquals(200, response.statusCode(), () -> json(response).toString());
    JsonNode answer = json(response);
    assertEquals("7", answer.get("id").asText());
    assertEquals("demo", answer.get("model_name").asText());
    JsonNode output = answer.get("outputs").get(0);
    int size = library.limits().embeddingSize();
    assertEquals("[2,%d]".formatted(size), output.get("shape").toString());
    float[] values = floats(output.get("data"));
    assertArrayEquals(expected("voice_a_1"), Arrays.copyOf(values, size));
    assertArrayEquals(expected("voice_b_1"), Arrays.copyOfRange(values, size, 2 * size));
  }

  @Test
  void samplesInJsonWithTypeBehindData() throws IOException {
    PcmAudio audio = new AudioReader().read(RunningServer.SAMPLES.resolve("voice_c_1.wav")).audio();
    float[] shorter = Arrays.copyOf(audio.samples(), 20_000);
    StringBuilder rows = new StringBuilder();
    for (float[] row :
        new float[][] {audio.samples(), Arrays.copyOf(shorter, audio.samples().length)}) {
      rows.append(rows.isEmpty() ? "" : ",").append(Arrays.toString(row));
    }
    HttpResponse<byte[]> response =
        infer(
            """
            {"inputs": [
             {"name": "samples", "data": [%s], "datatype": "FP32", "shape": [2, %d]},
             {"name": "lengths", "datatype": "INT64", "shape": [2], "data": [%d, 20000]}],
             "parameters": {"sample_rate": 16000}}"""
                .formatted(rows, audio.samples().length, audio.samples().length));
    assertEquals(200, response.statusCode(), () -> json(response).toString());
    int size = library.limits().embeddingSize();
    float[] values = floats(json(response).get("outputs").get(0).get("data"));
    assertArrayEquals(expected("voice_c_1"), Arrays.copyOf(values, size));
    assertArrayEquals(
        library.embed(shorter, 16_000).values(), Arrays.copyOfRange(values, size, 2 * size));
  }

  @Test
  void samplesOfSixteenBitsAsBinaryData() throws IOException {
    byte[] wav = sample("voice_b_2");
    ByteBuffer pcm = ByteBuffer.wrap(wav, 44, wav.length - 44).slice();
    int samples = pcm.remaining() / 2;
    String head =
        """
        {"inputs": [
         {"name": "samples", "shape": [1, %d], "datatype": "INT16",
          "parameters": {"binary_data_size": %d, "sample_rate": 16000}},
         {"name": "lengths", "shape": [1], "datatype": "INT32",
          "parameters": {"binary_data_size": 4}}],
         "outputs": [{"name": "embedding", "parameters": {"binary_data": true}}]}"""
            .formatted(samples, pcm.remaining());
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(head.getBytes(StandardCharsets.UTF_8));
    body.write(wav, 44, wav.length - 44);
    body.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(samples).array());
    HttpResponse<byte[]> response =
        server.post(
            INFER, body.toByteArray(), "Inference-Header-Content-Length", "" + head.length());
    assertEquals(200, response.statusCode(), () -> json(response).toString());
    assertArrayEquals(expected("voice_b_2"), binaryOutput(response));
  }

  @Test
  void samplesOfSixteenBitsInJson() {
    short[] samples = RunningServer.integers("voice_a_1");
    HttpResponse<byte[]> response =
        infer(
            """
            {"inputs": [{"name": "samples", "shape": [1, %d], "datatype": "INT16", "data": [%s]}]}"""
                .formatted(samples.length, Arrays.toString(samples)));
    assertEquals(200, response.statusCode(), () -> json(response).toString());
    float[] values = floats(json(response).get("outputs").get(0).get("data"));
    assertArrayEquals(expected("voice_a_1"), values);
    assertArrayEquals(library.embed(samples, 16_000).values(), values);
  }

  @Test
  void filesAsBinaryData() {
    byte[] wav = sample("voice_a_2");
    byte[] head =
        """
        {"inputs": [{"name": "audio", "shape": [1, 1], "datatype": "BYTES",
          "parameters": {"binary_data_size": %d}}],
         "parameters": {"binary_data_output": true}}"""
            .formatted(wav.length + 4)
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer body =
        ByteBuffer.allocate(head.length + 4 + wav.length).order(ByteOrder.LITTLE_ENDIAN);
    body.put(head).putInt(wav.length).put(wav);
    HttpResponse<byte[]> response =
        server.post(INFER, body.array(), "Inference-Header-Content-Length", "" + head.length);
    assertEquals(200, response.statusCode(), () -> json(response).toString());
    assertArrayEquals(expected("voice_a_2"), binaryOutput(response));
  }

  private static float[] binaryOutput(HttpResponse<byte[]> response) {
    int head =
        Integer.parseInt(
            response.headers().firstValue("inference-header-content-length").orElseThrow());
    byte[] body = response.body();
    JsonNode output = json(Arrays.copyOf(body, head)).get("outputs").get(0);
    assertEquals(body.length - head, output.get("parameters").get("binary_data_size").asInt());
    float[] values = new float[(body.length - head) / 4];
    ByteBuffer.wrap(body, head, body.length - head)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return values;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"inputs":                                                                | not JSON
          [1]                                                                       | JSON object
          {"inputs": []}                                                            | inputs must be
          {"inputs": [{"name":"audio","shape":[2],"datatype":"BYTES","data":["eA=="]}]} | shape [2] has 2
          {"inputs": [{"name":"audio","shape":[1],"datatype":"BYTES","data":[1]}]}   | numbers in its data
          {"inputs": [{"name":"audio","shape":[1],"datatype":"BYTES","data":["?%"]}]} | base64
          {"inputs": [{"name":"audio","shape":[1],"datatype":"FP64","data":[1]}]}    | FP64
          {"inputs": [{"name":"samples","shape":[1,-1],"datatype":"FP32","data":[1]}]} | not possible
          {"inputs": [{"name":"samples","shape":[9999999999,9],"datatype":"FP32","data":[1]}]} | not possible
          {"inputs": [{"name":"samples","shape":[1,2],"datatype":"INT16","data":[1,70000]}]} | not an integer
          {"inputs": [{"name":"other","shape":[1],"datatype":"FP32","data":[1]}]}    | inputs must be
          {"inputs": [{"name":"samples","shape":[1,1],"datatype":"FP32","data":[1]},{"name":"lengths","shape":[1],"datatype":"INT32","data":[2]}]} | a length is 2
          {"inputs": [{"name":"samples","shape":[1,1],"datatype":"FP32","data":[1]}],"parameters":{"sample_rate":"x"}} | sample_rate
          {"inputs": [{"name":"audio","shape":[1],"datatype":"BYTES","data":["eA=="]}],"outputs":[{"name":"x"}]} | no output 'x'
          {"inputs": [{"name":"audio","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":9}}]} | binary_data_size is 9
          {"inputs": [{"name":"audio","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":"9"}}]} | binary_data_size must be
          {"inputs": [{"name":"samples","shape":[2147483647,0],"datatype":"FP32","data":[]}]} | input 'samples' has 2147483647 utterances
          {"inputs": [{"name":"samples","shape":[0,5],"datatype":"FP32","data":[]}]} | input 'samples' has 0 utterances
          {"inputs": [{"name":"samples","shape":[1,"1"],"datatype":"FP32","data":[1]}]} | (at /inputs/0/shape/1)
          {"inputs": [{"name":"samples","shape":[1,1],"datatype":"FP32","data":[{}]}]} | (at /inputs/0/data
          {"inputs": [{"name":"samples","shape":[1,99999999999999999999],"datatype":"FP32","data":[1]}]} | does not fit 64 bits (at /inputs/0/shape/1)
          {"inputs": [{"name":"samples","shape":[1,1],"datatype":"FP32","data":[NaN]}]} | 'NaN' (at /inputs/0/data/0)
          {"inputs": [{"name":"samples","shape":[1,1],"datatype":"FP32","data":[1]}],"parameters":{"timeout":"1"}} | parameter timeout
          {"inputs": [{"name":"samples","shape":[1,1],"datatype":"FP32","data":[1]}],"parameters":{"priority":-1}} | parameter priority
          {"inputs": [{"name":"samples","shape":[1,1],"datatype":"FP32","data":[1]}],"outputs":[{"name":"embedding","parameters":{"classification":3}}]} | classification is not supported
          """)
  void whatBreaksTheProtocolIsSaid(String request, String message) {
    HttpResponse<byte[]> response = infer(request);
    assertEquals(400, response.statusCode());
    String error = json(response).get("error").asText();
    assertTrue(error.contains(message), error);
  }

  @Test
  void otherErrorsAreTheProtocolsToo() {
    assertEquals(404, server.get("/v2/models/none").statusCode());
    assertEquals(404, server.get("/v2/models/demo/versions/2").statusCode());
    assertTrue(json(server.get("/v2/models/none")).get("error").asText().contains("no such model"));
    assertEquals(404, server.get("/v2/models/demo/stats").statusCode());
    assertEquals("Not Found", json(server.get("/v2/models/demo/stats")).get("error").asText());
    assertEquals("Method Not Allowed", json(server.get(INFER)).get("error").asText());
    HttpResponse<byte[]> bad =
        infer(
            "{\"inputs\":[{\"name\":\"audio\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"eA==\"]}]}");
    assertEquals(422, bad.statusCode());
    assertTrue(json(bad).get("error").asText().contains("audio 0: not a known audio format"));
  }
}
