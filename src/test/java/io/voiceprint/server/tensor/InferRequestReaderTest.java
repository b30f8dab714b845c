package io.voiceprint.server.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Requests as they come over the wire, and what random damage makes of them. */
class InferRequestReaderTest {
  private static final int DAMAGED = 20_000;

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static InferRequest read(String json) {
    return InferRequestReader.read(utf8(json), Optional.empty());
  }

  private static byte[] withBinary(String json, byte[] binary) {
    byte[] head = utf8(json);
    return ByteBuffer.allocate(head.length + binary.length).put(head).put(binary).array();
  }

  @Test
  void readsEveryMemberInAnyOrderAndPassesOverOthers() {
    InferRequest request =
        read(
            """
            {"extra": {"a": [1, {"b": 2}]},
             "outputs": [{"parameters": {"binary_data": true}, "name": "embedding"}],
             "inputs": [{"data": [[1, 2.5], [-3e0, 4]], "shape": [2, 2], "x": null,
                         "parameters": {"l": 1, "d": 0.5, "s": "t", "b": false, "o": {}},
                         "datatype": "FP32", "name": "samples"}],
             "parameters": {"sample_rate": 8000}, "id": "i"}""");
    assertEquals("i", request.id());
    assertEquals(8000L, request.parameters().get("sample_rate"));
    assertTrue(request.wantsBinary("embedding"));
    Tensor tensor = request.inputs().get(0);
    assertEquals(4, tensor.parameters().size());
    assertArrayEquals(new float[] {1, 2.5f, -3, 4}, ((TensorData.Floats) tensor.data()).values());
  }

  @Test
  void everyFloatSurvivesBothForms() {
    Random random = new Random(2);
    int count = 1000;
    ByteBuffer raw = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    StringBuilder json = new StringBuilder();
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      do {
        values[i] = Float.intBitsToFloat(random.nextInt());
      } while (!Float.isFinite(values[i]));
      raw.putFloat(values[i]);
      json.append(i == 0 ? "" : ",").append(values[i]);
    }
    String head = "{\"inputs\":[{\"name\":\"s\",\"shape\":[1,1000],\"datatype\":\"FP32\",";
    InferRequest text = read(head + "\"data\":[" + json + "]}]}");
    assertArrayEquals(values, ((TensorData.Floats) text.inputs().get(0).data()).values());
    String binary = head + "\"parameters\":{\"binary_data_size\":4000}}]}";
    InferRequest bytes =
        InferRequestReader.read(withBinary(binary, raw.array()), Optional.of(utf8(binary).length));
    assertArrayEquals(values, ((TensorData.Floats) bytes.inputs().get(0).data()).values());
  }

  @Test
  void damageIsRefusedAndNothingElse() {
    String head =
        """
        {"id":"1","parameters":{"sample_rate":16000},"inputs":[
        {"name":"audio","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":13}},
        {"name":"samples","shape":[1,3],"datatype":"INT16","data":[1,2,3]},
        {"name":"lengths","shape":[1],"datatype":"INT64","parameters":{"binary_data_size":8}}],
        "outputs":[{"name":"embedding","parameters":{"binary_data":true}}]}""";
    ByteBuffer binary = ByteBuffer.allocate(21).order(ByteOrder.LITTLE_ENDIAN);
    binary.putInt(3).put(utf8("abc")).putInt(2).put(utf8("de")).putLong(3);
    byte[] good = withBinary(head, binary.array());
    int length = utf8(head).length;
    assertEquals(3, InferRequestReader.read(good, Optional.of(length)).inputs().size());
    Random random = new Random(3);
    int refused = 0;
    for (int i = 0; i < DAMAGED; i++) {
      byte[] bad = good.clone();
      for (int k = random.nextInt(4); k >= 0; k--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      int cut = random.nextInt(3) == 0 ? random.nextInt(bad.length) : bad.length;
      int said = random.nextInt(3) == 0 ? random.nextInt(-5, 2 * bad.length) : length;
      try {
        InferRequestReader.read(Arrays.copyOf(bad, cut), Optional.of(said));
      } catch (TensorException e) {
        refused++;
      }
    }
    assertTrue(refused > DAMAGED / 2 && refused < DAMAGED, refused + " refused");
  }

  /** Seven bytes each on the wire, an entry of a map each in memory. */
  @Test
  void parametersAreFew() {
    StringBuilder many = new StringBuilder("\"p\":1");
    for (int i = 1; i < 100; i++) {
      many.append(",\"p").append(i).append("\":1");
    }
    var refused =
        org.junit.jupiter.api.Assertions.assertThrows(
            TensorException.class, () -> read("{\"parameters\":{" + many + "}}"));
    assertTrue(refused.getMessage().contains("more parameters"), refused.getMessage());
    assertTrue(refused.getMessage().contains("(at /parameters/p64)"), refused.getMessage());
  }

  @Test
  void lengthsThatLieAllocateNothing() {
    String json =
        "{\"inputs\":[{\"name\":\"a\",\"shape\":[1],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":4}}]}";
    ByteBuffer raw = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(-1);
    byte[] body = withBinary(json, raw.array());
    var failure =
        org.junit.jupiter.api.Assertions.assertThrows(
            TensorException.class,
            () -> InferRequestReader.read(body, Optional.of(utf8(json).length)));
    assertTrue(failure.getMessage().contains("says it has 4294967295 bytes, but 0 are left"));
    var deep =
        org.junit.jupiter.api.Assertions.assertThrows(
            TensorException.class, () -> read("{\"x\":" + "[".repeat(100_000)));
    assertTrue(deep.getMessage().contains("not JSON"), deep.getMessage());
  }
}
