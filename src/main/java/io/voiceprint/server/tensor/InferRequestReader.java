package io.voiceprint.server.tensor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a request of the protocol's REST form: a JSON object, behind which the binary tensor data
 * of its inputs may follow. Members that are not known are passed over, as the protocol has it.
 */
public final class InferRequestReader {
  private static final String BINARY_SIZE = "binary_data_size";
  private static final int MOST_TENSORS = 16;
  private static final int MOST_PARAMETERS = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(32)
                  .maxNameLength(256)
                  .maxNumberLength(64)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final ByteBuffer binary;

  private InferRequestReader(ByteBuffer binary) {
    this.binary = binary;
  }

  /**
   * Reads a body.
   *
   * @param body JSON, then binary tensor data; what is read of the latter shares its memory
   * @param jsonLength bytes of JSON, what {@code Inference-Header-Content-Length} says; empty if
   *     all of the body is
   * @throws TensorException if the body is no such request
   */
  public static InferRequest read(byte[] body, Optional<Integer> jsonLength) {
    int length = jsonLength.orElse(body.length);
    if (length < 0 || length > body.length) {
      throw new TensorException(
          "Inference-Header-Content-Length is %d, but the body has %d bytes"
              .formatted(length, body.length));
    }
    InferRequestReader reader =
        new InferRequestReader(ByteBuffer.wrap(body, length, body.length - length));
    InferRequest request;
    try (JsonParser json = JSON.createParser(body, 0, length)) {
      request = reader.located(json);
    } catch (IOException e) {
      throw new TensorException("the request is not JSON: " + e.getMessage());
    }
    if (reader.binary.hasRemaining()) {
      throw new TensorException(
          "%d bytes of binary data belong to no input".formatted(reader.binary.remaining()));
    }
    return request;
  }

  /** Says of every failure where in the request it is. */
  private InferRequest located(JsonParser json) throws IOException {
    try {
      return request(json);
    } catch (TensorException e) {
      throw new TensorException(e.getMessage() + place(json));
    } catch (InputCoercionException e) {
      throw new TensorException("a number does not fit 64 bits" + place(json));
    } catch (JsonProcessingException e) {
      throw new TensorException("the request is not JSON: " + reason(e) + place(json));
    }
  }

  /** Such as {@code " (at /inputs/0/shape)"}. */
  private static String place(JsonParser json) {
    String pointer = json.getParsingContext().pathAsPointer().toString();
    return pointer.isEmpty() ? "" : " (at %s)".formatted(pointer);
  }

  /** What Jackson says, without its hints for programmers. */
  private static String reason(JsonProcessingException e) {
    return e.getOriginalMessage()
        .replaceAll("\\[Source: REDACTED \\([^)]*\\); ", "[")
        .replaceAll(", from `[^`]*`", "")
        .replaceAll(": enable `.*", "");
  }

  private InferRequest request(JsonParser json) throws IOException {
    String id = "";
    Map<String, Object> parameters = Map.of();
    List<Tensor> inputs = List.of();
    List<InferRequest.Output> outputs = List.of();
    require(json.nextToken() == JsonToken.START_OBJECT, "the request must be a JSON object");
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "id" -> id = string(json, name);
        case "parameters" -> parameters = parameters(json);
        case "inputs" -> inputs = inputs(json);
        case "outputs" -> outputs = outputs(json);
        default -> json.skipChildren();
      }
    }
    require(json.nextToken() == null, "something follows the JSON object of the request");
    return new InferRequest(id, parameters, inputs, outputs);
  }

  private List<Tensor> inputs(JsonParser json) throws IOException {
    List<Tensor> inputs = new ArrayList<>();
    require(json.currentToken() == JsonToken.START_ARRAY, "'inputs' must be an array");
    while (json.nextToken() != JsonToken.END_ARRAY) {
      require(inputs.size() < MOST_TENSORS, "more inputs than any model has");
      inputs.add(input(json));
    }
    return inputs;
  }

  private Tensor input(JsonParser json) throws IOException {
    String name = "";
    String type = "";
    List<Long> shape = List.of();
    Map<String, Object> parameters = Map.of();
    Optional<JsonTensorData> data = Optional.empty();
    require(json.currentToken() == JsonToken.START_OBJECT, "an input must be an object");
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String member = json.currentName();
      json.nextToken();
      switch (member) {
        case "name" -> name = string(json, member);
        case "datatype" -> type = string(json, member);
        case "shape" -> shape = shape(json);
        case "parameters" -> parameters = parameters(json);
        case "data" -> data = Optional.of(JsonTensorData.read(json));
        default -> json.skipChildren();
      }
    }
    DataType known = DataType.of(name, type);
    if (parameters.containsKey(BINARY_SIZE)) {
      require(
          parameters.get(BINARY_SIZE) instanceof Long,
          "tensor '%s': binary_data_size must be a whole number of bytes".formatted(name));
      long size = (Long) parameters.get(BINARY_SIZE);
      require(data.isEmpty(), "tensor '%s' has both data and binary data".formatted(name));
      ByteBuffer raw = take(name, size);
      TensorData read = RawTensorData.read(name, known, shape, raw);
      return new Tensor(name, known, shape, parameters, read);
    }
    require(data.isPresent(), "tensor '%s' has no data".formatted(name));
    return new Tensor(name, known, shape, parameters, data.get().as(name, known));
  }

  private ByteBuffer take(String name, long size) {
    if (size < 0 || size > binary.remaining()) {
      throw new TensorException(
          "tensor '%s': binary_data_size is %d, but %d bytes are left behind the JSON (Inference-Header-Content-Length says how long that is)"
              .formatted(name, size, binary.remaining()));
    }
    ByteBuffer raw = binary.slice(binary.position(), (int) size);
    binary.position(binary.position() + (int) size);
    return raw;
  }

  private static List<InferRequest.Output> outputs(JsonParser json) throws IOException {
    List<InferRequest.Output> outputs = new ArrayList<>();
    require(json.currentToken() == JsonToken.START_ARRAY, "'outputs' must be an array");
    while (json.nextToken() != JsonToken.END_ARRAY) {
      require(json.currentToken() == JsonToken.START_OBJECT, "an output must be an object");
      require(outputs.size() < MOST_TENSORS, "more outputs than any model has");
      String name = "";
      Map<String, Object> parameters = Map.of();
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String member = json.currentName();
        json.nextToken();
        switch (member) {
          case "name" -> name = string(json, member);
          case "parameters" -> parameters = parameters(json);
          default -> json.skipChildren();
        }
      }
      outputs.add(new InferRequest.Output(name, parameters));
    }
    return outputs;
  }

  private static List<Long> shape(JsonParser json) throws IOException {
    List<Long> shape = new ArrayList<>();
    require(json.currentToken() == JsonToken.START_ARRAY, "'shape' must be an array");
    while (json.nextToken() != JsonToken.END_ARRAY) {
      require(
          json.currentToken() == JsonToken.VALUE_NUMBER_INT && shape.size() < MOST_TENSORS,
          "'shape' must hold a few integers");
      shape.add(json.getLongValue());
    }
    return shape;
  }

  private static Map<String, Object> parameters(JsonParser json) throws IOException {
    Map<String, Object> parameters = new HashMap<>();
    require(json.currentToken() == JsonToken.START_OBJECT, "'parameters' must be an object");
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      require(parameters.size() < MOST_PARAMETERS, "more parameters than anybody needs");
      switch (json.nextToken()) {
        case VALUE_STRING -> parameters.put(name, json.getText());
        case VALUE_NUMBER_INT -> parameters.put(name, json.getLongValue());
        case VALUE_NUMBER_FLOAT -> parameters.put(name, json.getDoubleValue());
        case VALUE_TRUE -> parameters.put(name, true);
        case VALUE_FALSE -> parameters.put(name, false);
        default -> json.skipChildren();
      }
    }
    return parameters;
  }

  private static String string(JsonParser json, String member) throws IOException {
    require(
        json.currentToken() == JsonToken.VALUE_STRING, "'%s' must be a string".formatted(member));
    return json.getText();
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new TensorException(message);
    }
  }
}
